import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { decodeLimit, limitKey } from '@lambent/membership';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

type Output = LambdaOutput<'GetFunctionConcurrency'>;

export function getFunctionConcurrency(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetFunctionConcurrency'>, Output> {
  return async ({ FunctionName }) => {
    const address = FunctionAddress.ofFunction(backend, FunctionName);
    const record = await backend.store.read(address.name);
    if (!record) throw address.notFound();
    return reservationOf(backend, record.id);
  };
}

/** What is reserved for the function; empty where nothing is. */
export async function reservationOf(
  { registry }: Pick<LambdaBackend, 'registry'>,
  functionId: string,
): Promise<Output> {
  const entry = await registry.get(limitKey(functionId));
  const slots = entry && decodeLimit(entry)?.reserved;
  return slots === undefined ? {} : { ReservedConcurrentExecutions: slots };
}
