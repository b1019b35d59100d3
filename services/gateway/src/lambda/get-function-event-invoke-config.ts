import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST } from '@lambent/functions';
import { noEventInvokeConfig, toEventInvokeConfig } from './event-invoke-config.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function getFunctionEventInvokeConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionEventInvokeConfig'>, LambdaOutput<'GetFunctionEventInvokeConfig'>> {
  return async ({ FunctionName, Qualifier }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const record = await backend.store.read(address.name);
    const config = record && (await backend.store.readEventInvoke(record.id, address.qualifier ?? LATEST));
    if (!config) throw noEventInvokeConfig(address);
    return toEventInvokeConfig(address, config);
  };
}
