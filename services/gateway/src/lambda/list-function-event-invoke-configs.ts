import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { nothingToConfigure, toEventInvokeConfig } from './event-invoke-config.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { decodeMarker, encodeMarker, pageSize } from './page-marker.ts';

export function listFunctionEventInvokeConfigs(
  backend: LambdaBackend,
): Handler<LambdaInput<'ListFunctionEventInvokeConfigs'>, LambdaOutput<'ListFunctionEventInvokeConfigs'>> {
  return async ({ FunctionName, Marker, MaxItems }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    const record = await backend.store.read(address.name);
    if (!record) throw nothingToConfigure();
    const [after] = decodeMarker(Marker, 1) ?? [];
    const page = await backend.store.listEventInvokes(record.id, { after, limit: pageSize(MaxItems) });
    const last = page.items.at(-1);
    return {
      FunctionEventInvokeConfigs: page.items.map(config => toEventInvokeConfig(address, config)),
      ...(page.more && last && { NextMarker: encodeMarker([last.qualifier]) }),
    };
  };
}
