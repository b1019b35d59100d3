import type { AwsError } from '@lambent/aws-api';
import type { Decision, FunctionRecord } from '@lambent/functions';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { updateInProgress } from './refusals.ts';

/** Changes a function, or throws AWS's refusal: there is none, or others kept coming first. */
export async function changeFunction<T>(
  backend: LambdaBackend,
  address: FunctionAddress,
  decide: (record: FunctionRecord) => Decision<T> | Promise<Decision<T>>,
): Promise<T> {
  const change = await backend.store.change(address.name, decide);
  if (change.kind === 'done') return change.result;
  const refusal: AwsError =
    change.kind === 'conflict' ? updateInProgress(address.functionArn) : address.notFound();
  throw refusal;
}
