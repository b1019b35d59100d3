import type { LambdaInput } from '@lambent/aws-api';
import {
  type FunctionRecord,
  LATEST_PUBLISHED,
  published,
  publishedLatest,
  type Stamp,
  sameAsPublished,
  type VersionRecord,
} from '@lambent/functions';
import type { FunctionConfiguration } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

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
  options: {
    readonly description?: string | undefined;
    readonly publishTo?: PublishTo | undefined;
    readonly stamp: Stamp;
  },
): Promise<Publication> {
  const { description, publishTo, stamp } = options;
  const choices = { description, versionRevisionId: random.uuid() };
  if (publishTo) {
    checkPublishTo(record);
    const before = await store.readVersion(record.id, LATEST_PUBLISHED);
    if (before && sameAsPublished(record.latest, before)) return { kind: 'same', version: before };
    return { kind: 'new', ...publishedLatest(record, { before, ...choices }, stamp) };
  }
  const lastNumber = record.nextVersion - 1;
  const last = lastNumber > 0 ? await store.readVersion(record.id, String(lastNumber)) : undefined;
  if (last && sameAsPublished(record.latest, last)) return { kind: 'same', version: last };
  return { kind: 'new', ...published(record, choices, stamp) };
}

/** Of a function that is just being made, which has nothing published yet. */
export async function firstPublication(
  backend: LambdaBackend,
  record: FunctionRecord,
  options: { readonly publishTo?: PublishTo | undefined; readonly stamp: Stamp },
): Promise<(Publication & { readonly kind: 'new' }) | undefined> {
  const publication = await publicationOf(backend, record, options);
  return publication.kind === 'new' ? publication : undefined;
}

type PublishTo = NonNullable<LambdaInput<'PublishVersion'>['PublishTo']>;

/** $LATEST.PUBLISHED is what functions on capacity providers have beside $LATEST. */
function checkPublishTo({ latest }: FunctionRecord): void {
  if (!latest.configuration.capacityProvider)
    throw invalidParameter('PublishTo is supported only for functions with a capacity provider.');
}
