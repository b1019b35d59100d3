import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { LayerAddress } from './layer-address.ts';
import { isCompatible, listedLayerVersion } from './layer-version.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

export function listLayers(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListLayers'>, LambdaOutput<'ListLayers'>> {
  return async input => {
    const [position] = decodeMarker(input.Marker, 1) ?? [];
    const { items, more } = await backend.layers.list({
      after: position,
      limit: pageSize(input.MaxItems),
      matches: record => isCompatible(record, input),
    });
    const last = items.at(-1);
    return {
      Layers: items.map(record => ({
        LayerName: record.layerName,
        LayerArn: LayerAddress.of(backend, record.layerName).arn,
        LatestMatchingVersion: listedLayerVersion(backend, record),
      })),
      ...(more && last && { NextMarker: encodeMarker([last.layerName]) }),
    };
  };
}
