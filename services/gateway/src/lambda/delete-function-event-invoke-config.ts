import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { noEventInvokeConfig } from './event-invoke-config.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function deleteFunctionEventInvokeConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteFunctionEventInvokeConfig'>, LambdaOutput<'DeleteFunctionEventInvokeConfig'>> {
  return async ({ FunctionName, Qualifier }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const { qualifier = LATEST } = address;
    return changeFunction(backend, address, async record => {
      if (!(await backend.store.readEventInvoke(record.id, qualifier))) throw noEventInvokeConfig(address);
      return { record, deleteEventInvoke: qualifier, result: {} };
    });
  };
}
