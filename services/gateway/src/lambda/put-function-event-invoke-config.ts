import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { LATEST } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { checkQualifier, chosenRetries, toEventInvokeConfig } from './event-invoke-config.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

/** Replaces what was there. */
export function putFunctionEventInvokeConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'PutFunctionEventInvokeConfig'>, LambdaOutput<'PutFunctionEventInvokeConfig'>> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const { qualifier = LATEST } = address;
    const chosen = chosenRetries(input);
    return changeFunction(backend, address, async record => {
      await checkQualifier(backend, record, qualifier);
      const config = { schema: 1 as const, qualifier, lastModifiedMs: backend.clock.nowMs(), ...chosen };
      return { record, putEventInvoke: config, result: toEventInvokeConfig(address, config) };
    });
  };
}
