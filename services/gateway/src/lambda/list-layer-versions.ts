import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { LayerAddress } from './layer-address.ts';
import { isCompatible, listedLayerVersion } from './layer-version.ts';
import { decodeMarker, encodeMarker, numberIn, pageSize } from './page-marker.ts';

export function listLayerVersions(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListLayerVersions'>, LambdaOutput<'ListLayerVersions'>> {
  return async input => {
    const { name } = LayerAddress.of(backend, input.LayerName);
    const [position] = decodeMarker(input.Marker, 1) ?? [];
    const { items, more } = await backend.layers.listVersions(name, {
      after: position === undefined ? undefined : numberIn(position),
      limit: pageSize(input.MaxItems),
      matches: record => isCompatible(record, input),
    });
    const last = items.at(-1);
    return {
      LayerVersions: items.map(record => listedLayerVersion(backend, record)),
      ...(more && last && { NextMarker: encodeMarker([String(last.version)]) }),
    };
  };
}
