import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { changePolicy } from './change-policy.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { permissionStatement } from './permission-statement.ts';
import { statementsOf, withStatements } from './policy-statements.ts';

export function addPermission(
  backend: LambdaBackend,
): Handler<LambdaInput<'AddPermission'>, LambdaOutput<'AddPermission'>> {
  return async input => {
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    return changePolicy(backend, address, input.RevisionId, (before, { arn }) => {
      const statements = statementsOf(before);
      if (statements.some(({ Sid }) => Sid === input.StatementId))
        throw new AwsError(
          'ResourceConflictException',
          `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        );
      const statement = permissionStatement(input, arn);
      return {
        document: withStatements(before, [...statements, statement]),
        result: () => ({ Statement: JSON.stringify(statement) }),
      };
    });
  };
}
