import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { readPolicy } from './read-policy.ts';
import { noPolicy } from './refusals.ts';

/** The same document as GetPolicy's. */
export function getResourcePolicy(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetResourcePolicy'>, LambdaOutput<'GetResourcePolicy'>> {
  return async ({ ResourceArn }) => {
    const address = FunctionAddress.of(backend, ResourceArn);
    const { document, revisionId } = await readPolicy(backend, address);
    if (document === undefined) throw noPolicy(address.arn);
    return { Policy: document, RevisionId: revisionId };
  };
}
