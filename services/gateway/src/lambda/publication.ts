import {
  type FunctionRecord,
  published,
  type Stamp,
  sameAsPublished,
  type VersionRecord,
} from '@lambent/functions';
import type { FunctionConfiguration } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';

/** What publishing $LATEST comes to: a new version, or the last one when nothing changed since. */
export type Publication =
  | { readonly kind: 'new'; readonly record: FunctionRecord; readonly version: VersionRecord }
  | { readonly kind: 'same'; readonly version: VersionRecord };

/** A change's answer, and the version that came of it where one did. */
export interface Shown {
  readonly shown: FunctionConfiguration;
  readonly published?: Publication & { readonly kind: 'new' };
}

export async function publicationOf(
  { store, random }: LambdaBackend,
  record: FunctionRecord,
  options: { readonly description?: string | undefined; readonly stamp: Stamp },
): Promise<Publication> {
  const lastNumber = record.nextVersion - 1;
  const last = lastNumber > 0 ? await store.readVersion(record.id, String(lastNumber)) : undefined;
  if (last && sameAsPublished(record.latest, last)) return { kind: 'same', version: last };
  const { description, stamp } = options;
  const next = published(record, { description, versionRevisionId: random.uuid() }, stamp);
  return { kind: 'new', ...next };
}
