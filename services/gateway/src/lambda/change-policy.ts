import { AwsError } from '@lambent/aws-api';
import { changeFunction } from './change-function.ts';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { type PolicyPlace, policyPlace } from './policy-place.ts';

/** A document as it is to be; undefined: none any more. */
export interface PolicyChange<T> {
  readonly document: string | undefined;
  readonly result: (revisionId: string) => T;
}

/** Changes a resource policy together with the revision of what it is about. What `decide` throws goes to the caller. */
export async function changePolicy<T>(
  backend: LambdaBackend,
  address: FunctionAddress,
  expected: string | undefined,
  decide: (before: string | undefined, place: PolicyPlace) => PolicyChange<T>,
): Promise<T> {
  return changeFunction(backend, address, async record => {
    const place = await policyPlace(backend, address, record);
    const before = await backend.store.readPolicy(record.id, place.qualifier);
    if (expected !== undefined && expected !== place.revisionId) throw OUTDATED;
    const { document, result } = decide(before?.document, place);
    if (document !== undefined) checkPolicyLength(document);
    const revisionId = backend.random.uuid();
    const { qualifier } = place;
    return {
      ...place.changed(revisionId),
      ...(document === undefined
        ? { deletePolicy: qualifier }
        : { putPolicy: { qualifier, policy: { schema: 1, document } } }),
      result: result(revisionId),
    };
  });
}

export function checkPolicyLength({ length }: string): void {
  if (length > DOCUMENT_LENGTH_MAX)
    throw new AwsError(
      'PolicyLengthExceededException',
      `The final policy size (${length}) is bigger than the limit (${DOCUMENT_LENGTH_MAX}).`,
    );
}

const OUTDATED = new AwsError(
  'PreconditionFailedException',
  'The Revision Id provided does not match the latest Revision Id. Call the GetPolicy API to retrieve the latest Revision Id',
);
const DOCUMENT_LENGTH_MAX = 20_480;
