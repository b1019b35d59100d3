import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changePolicy } from './change-policy.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { permissionStatement } from './permission-statement.ts';
import { withStatement } from './policy-statements.ts';

export function addPermission(
  backend: LambdaBackend,
): Handler<LambdaInput<'AddPermission'>, LambdaOutput<'AddPermission'>> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    return changePolicy(backend, address, input.RevisionId, (before, { arn }) => {
      const statement = permissionStatement(input, arn);
      return {
        document: withStatement(before, statement),
        result: () => ({ Statement: JSON.stringify(statement) }),
      };
    });
  };
}
