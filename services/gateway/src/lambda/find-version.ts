import { type FunctionRecord, LATEST, LATEST_PUBLISHED, type VersionRecord } from '@lambent/functions';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';

const NUMBER = /^[1-9]\d*$/;

/** The version that a request is about, as it is stored now; AWS's refusal when there is none. */
export async function findVersion(
  backend: LambdaBackend,
  address: FunctionAddress,
): Promise<{ readonly record: FunctionRecord; readonly version: VersionRecord }> {
  const { store } = backend;
  const record = await store.read(address.name);
  if (!record) throw address.notFound();
  const qualifier = address.qualifier ?? LATEST;
  const isVersion = qualifier === LATEST || isPublished(qualifier);
  const alias = isVersion ? undefined : await store.readAlias(record.id, qualifier);
  const version = await readVersion(backend, record, alias?.version ?? qualifier);
  if (!version) throw address.notFound();
  return { record, version };
}

function isPublished(qualifier: string): boolean {
  return NUMBER.test(qualifier) || qualifier === LATEST_PUBLISHED;
}

/** By its number, as $LATEST or as $LATEST.PUBLISHED; undefined where there is none. */
export async function readVersion(
  { store }: LambdaBackend,
  record: FunctionRecord,
  version: string,
): Promise<VersionRecord | undefined> {
  if (version === LATEST) return record.latest;
  return isPublished(version) ? store.readVersion(record.id, version) : undefined;
}
