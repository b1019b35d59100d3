import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST } from '@lambent/functions';
import { FunctionAddress } from './function-address.ts';
import { toFunctionConfiguration } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

export function listVersionsByFunction(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListVersionsByFunction'>, LambdaOutput<'ListVersionsByFunction'>> {
  return async input => {
    const address = FunctionAddress.ofFunction(backend, input.FunctionName);
    const record = await backend.store.read(address.name);
    if (!record) throw address.notFound();
    const [position] = decodeMarker(input.Marker, 1) ?? [];
    const limit = pageSize(input.MaxItems);
    const first = position === undefined ? [record.latest] : [];
    const after = position === LATEST ? undefined : position;
    const { items } = await backend.store.listVersions(record.id, { after, limit: limit + 1 - first.length });
    const versions = [...first, ...items];
    const page = versions.slice(0, limit);
    const last = page.at(-1);
    return {
      Versions: page.map(version =>
        toFunctionConfiguration({
          record,
          version,
          region: backend.region,
          qualifier: version.version,
          moment: { kind: 'listed' },
        }),
      ),
      ...(versions.length > limit && last && { NextMarker: encodeMarker([last.version]) }),
    };
  };
}
