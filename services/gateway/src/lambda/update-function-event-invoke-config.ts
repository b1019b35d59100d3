import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import {
  checkQualifier,
  chosenRetries,
  noEventInvokeConfig,
  toEventInvokeConfig,
} from './event-invoke-config.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

/** Changes what is named and leaves the rest. */
export function updateFunctionEventInvokeConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'UpdateFunctionEventInvokeConfig'>, LambdaOutput<'UpdateFunctionEventInvokeConfig'>> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const { qualifier = LATEST } = address;
    const chosen = chosenRetries(input);
    return changeFunction(backend, address, async record => {
      await checkQualifier(backend, record, qualifier);
      const before = await backend.store.readEventInvoke(record.id, qualifier);
      if (!before) throw noEventInvokeConfig(address);
      const config = { ...before, ...chosen, lastModifiedMs: backend.clock.nowMs() };
      return { record, putEventInvoke: config, result: toEventInvokeConfig(address, config) };
    });
  };
}
