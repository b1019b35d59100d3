import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeFunction } from './change-function.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Output = LambdaOutput<'PutFunctionRecursionConfig'>;

export function putFunctionRecursionConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'PutFunctionRecursionConfig'>, Output> {
  return async ({ FunctionName, RecursiveLoop: recursiveLoop = 'Terminate' }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    return changeFunction<Output>(backend, address, record => ({
      record: { ...record, recursiveLoop },
      result: { RecursiveLoop: recursiveLoop },
    }));
  };
}
