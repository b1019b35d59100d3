import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { readPolicy } from './read-policy.ts';

export function getPolicy(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetPolicy'>, LambdaOutput<'GetPolicy'>> {
  return async ({ FunctionName, Qualifier }) => {
    const address = FunctionAddress.of(backend, FunctionName, Qualifier);
    const { document, revisionId } = await readPolicy(backend, address);
    if (document === undefined)
      throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
    return { Policy: document, RevisionId: revisionId };
  };
}
