import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { changePolicy } from './change-policy.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { withoutStatement } from './policy-statements.ts';

/** A policy ends with its last statement. */
export function removePermission(
  backend: LambdaBackend,
): Handler<LambdaInput<'RemovePermission'>, LambdaOutput<'RemovePermission'>> {
  return async ({ FunctionName, Qualifier, StatementId, RevisionId }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    return changePolicy(backend, address, RevisionId, before => {
      if (before === undefined)
        throw new AwsError('ResourceNotFoundException', 'No policy is associated with the given resource.');
      return { document: withoutStatement(before, StatementId), result: () => ({}) };
    });
  };
}
