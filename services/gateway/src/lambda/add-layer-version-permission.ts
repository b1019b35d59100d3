import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { changeLayerPolicy } from './change-layer-policy.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { principalOf } from './permission-statement.ts';
import { withStatement } from './policy-statements.ts';

export function addLayerVersionPermission(
  backend: LambdaBackend,
): Handler<LambdaInput<'AddLayerVersionPermission'>, LambdaOutput<'AddLayerVersionPermission'>> {
  return async input =>
    changeLayerPolicy(backend, input, (before, versionArn) => {
      const statement = {
        Sid: input.StatementId,
        Effect: 'Allow',
        Principal: principalOf(input.Principal ?? ''),
        Action: input.Action,
        Resource: versionArn,
        ...(input.OrganizationId !== undefined && {
          Condition: { StringEquals: { 'aws:PrincipalOrgID': input.OrganizationId } },
        }),
      };
      return {
        document: withStatement(before, statement),
        result: RevisionId => ({ Statement: JSON.stringify(statement), RevisionId }),
      };
    });
}
