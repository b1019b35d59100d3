import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { endOfUse, withCodeSigning } from '@lambent/functions';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function deleteFunctionCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteFunctionCodeSigningConfig'>, LambdaOutput<'DeleteFunctionCodeSigningConfig'>> {
  return async ({ FunctionName }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    return changeFunction(backend, address, record => ({
      record: withCodeSigning(record, undefined),
      alongside: { compare: [], write: endOfUse(record) },
      result: {},
    }));
  };
}
