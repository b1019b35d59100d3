import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeFunction } from './change-function.ts';
import { signedBy } from './code-signing-use.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function putFunctionCodeSigningConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'PutFunctionCodeSigningConfig'>, LambdaOutput<'PutFunctionCodeSigningConfig'>> {
  return async ({ CodeSigningConfigArn, FunctionName }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    return changeFunction(backend, address, async record => ({
      ...(await signedBy(backend, record, CodeSigningConfigArn)),
      result: { CodeSigningConfigArn, FunctionName: record.name },
    }));
  };
}
