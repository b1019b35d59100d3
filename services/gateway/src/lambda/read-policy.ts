import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { policyPlace } from './policy-place.ts';

/** The document that is there, and the revision it is at; without a document there is none. */
export async function readPolicy(
  backend: LambdaBackend,
  address: FunctionAddress,
): Promise<{ readonly document: string | undefined; readonly revisionId: string }> {
  const record = await backend.store.read(address.name);
  if (!record) throw address.notFound();
  const { qualifier, revisionId } = await policyPlace(backend, address, record);
  const policy = await backend.store.readPolicy(record.id, qualifier);
  return { document: policy?.document, revisionId };
}
