import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { changeConcurrency } from './change-concurrency.ts';
import { reserved } from './concurrency-room.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Output = LambdaOutput<'PutFunctionConcurrency'>;

/** It binds every gateway and worker that hears of it by its watch; a lower limit binds what starts from then on. */
export function putFunctionConcurrency(
  backend: LambdaBackend,
): Handler<LambdaInput<'PutFunctionConcurrency'>, Output> {
  return async ({ FunctionName, ReservedConcurrentExecutions: slots = 0 }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    return changeConcurrency<Output>(backend, address, (record, before) => {
      const division = reserved(before, record.id, slots);
      if (division instanceof AwsError) throw division;
      return { division, result: { ReservedConcurrentExecutions: slots } };
    });
  };
}
