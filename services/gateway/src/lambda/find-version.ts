import { type FunctionRecord, LATEST, type VersionRecord } from '@lambent/functions';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

const NUMBER = /^[1-9]\d*$/;

/** The version that a request is about, as it is stored now; AWS's refusal when there is none. */
export async function findVersion(
  { store }: LambdaBackend,
  address: FunctionAddress,
): Promise<{ readonly record: FunctionRecord; readonly version: VersionRecord }> {
  const record = await store.read(address.name);
  if (!record) throw address.notFound();
  const qualifier = address.qualifier ?? LATEST;
  if (qualifier === LATEST) return { record, version: record.latest };
  const version = NUMBER.test(qualifier) ? await store.readVersion(record.id, qualifier) : undefined;
  if (!version) throw address.notFound();
  return { record, version };
}
