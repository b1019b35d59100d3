import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function getFunctionRecursionConfig(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionRecursionConfig'>, LambdaOutput<'GetFunctionRecursionConfig'>> {
  return async ({ FunctionName }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    const record = await backend.store.read(address.name);
    if (!record) throw address.notFound();
    return { RecursiveLoop: record.recursiveLoop ?? 'Terminate' };
  };
}
