import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { parsePolicy } from '@lambent/iam';
import { changePolicy } from './change-policy.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { type ShownStatement, withStatements } from './policy-statements.ts';
import { invalidParameter } from './refusals.ts';

/** Replaces the document whole. */
export function putResourcePolicy(
  backend: LambdaBackend,
): Handler<LambdaInput<'PutResourcePolicy'>, LambdaOutput<'PutResourcePolicy'>> {
  return async ({ ResourceArn, Policy = '', RevisionId }) => {
    const address = FunctionAddress.of(backend, ResourceArn);
    const parsed = parsePolicy(Policy, 'resource');
    if (parsed.kind === 'invalid') throw invalidParameter(`Invalid resource policy: ${parsed.problem}.`);
    const { Statement } = JSON.parse(Policy) as {
      readonly Statement: ShownStatement | readonly ShownStatement[];
    };
    const document = withStatements(Policy, [Statement].flat() as readonly ShownStatement[]) ?? Policy;
    return changePolicy(backend, address, RevisionId, () => ({
      document,
      result: revisionId => ({ Policy: document, RevisionId: revisionId }),
    }));
  };
}
