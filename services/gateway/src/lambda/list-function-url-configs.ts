import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';
import { toUrlConfig } from './url-config.ts';

export function listFunctionUrlConfigs(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListFunctionUrlConfigs'>, LambdaOutput<'ListFunctionUrlConfigs'>> {
  return async ({ FunctionName, Marker, MaxItems }, { baseUrl }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    const record = await backend.store.read(address.name);
    if (!record) throw address.notFound();
    const [after] = decodeMarker(Marker, 1) ?? [];
    const page = await backend.store.listUrls(record.id, { after, limit: pageSize(MaxItems) });
    const last = page.items.at(-1);
    return {
      FunctionUrlConfigs: page.items.map(url => toUrlConfig(url, { ...backend, address, baseUrl })),
      ...(page.more && last && { NextMarker: encodeMarker([last.qualifier]) }),
    };
  };
}
