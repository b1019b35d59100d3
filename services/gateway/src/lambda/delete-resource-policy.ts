import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changePolicy } from './change-policy.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { noPolicy } from './refusals.ts';

export function deleteResourcePolicy(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteResourcePolicy'>, LambdaOutput<'DeleteResourcePolicy'>> {
  return async ({ ResourceArn, RevisionId }) => {
    const address = FunctionAddress.of(backend, ResourceArn);
    return changePolicy(backend, address, RevisionId, before => {
      if (before === undefined) throw noPolicy(address.arn);
      return { document: undefined, result: () => ({}) };
    });
  };
}
