import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeConcurrency } from './change-concurrency.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

export function deleteFunctionConcurrency(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteFunctionConcurrency'>, LambdaOutput<'DeleteFunctionConcurrency'>> {
  return async ({ FunctionName }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    return changeConcurrency(backend, address, (record, division) => ({
      division: division.unreserve(record.id),
      result: {},
    }));
  };
}
