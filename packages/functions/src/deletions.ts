import { fail } from '@lambent/core';
import { changeDivision, provisionedPrefix, provisionedStandingPrefix } from '@lambent/membership';
import type { Entry, Registry, Write } from '@lambent/registry';
import {
  aliasesPrefix,
  DELETIONS_PREFIX,
  deletionKey,
  eventInvokesPrefix,
  policiesPrefix,
  urlOwnerKey,
  urlsPrefix,
  versionsPrefix,
} from './function-keys.ts';
import { decodeUrl } from './stored-record.ts';

/**
 * Removing what is left of deleted functions: what is provisioned and reserved, policies, aliases, versions. A function's name is
 * deleted in one transaction with a note of its id; the rest, too much for one transaction, follows page by page, and
 * the note goes last: so nothing is left that no sweep would find, and no concurrency is lost to a function that is
 * gone. Two may do this at once: deleting what is gone is no error.
 */

/** Below TRANSACTION_PARTS_MAX (128). */
const PAGE = 100;

export function deletionNote(functionId: string): Write {
  return { kind: 'put', key: deletionKey(functionId), value: Buffer.from(functionId) };
}

export async function removeRemains(registry: Registry, functionId: string): Promise<void> {
  // Nobody provisions again what is given back then.
  await removeBelow(registry, provisionedPrefix(functionId));
  await changeDivision(registry, division => ({ division: division.without(functionId) }));
  await removeBelow(registry, urlsPrefix(functionId), entry => urlOwnerKey(decodeUrl(entry).urlId));
  for (const prefix of PREFIXES) await removeBelow(registry, prefix(functionId));
  await remove(registry, [deletionKey(functionId)]);
}

/** Of what goes with a function, in this order. */
const PREFIXES = [
  provisionedStandingPrefix,
  eventInvokesPrefix,
  policiesPrefix,
  aliasesPrefix,
  versionsPrefix,
] as const;

/** Finishes the deletions that something cut short. */
export async function sweepDeletions(registry: Registry): Promise<void> {
  for (let more = true; more; ) {
    const page = await registry.range(DELETIONS_PREFIX, { limit: PAGE });
    for (const note of page.entries) await removeRemains(registry, Buffer.from(note.value).toString());
    more = page.more;
  }
}

/** With each key the one that `other` names, if any. */
async function removeBelow(
  registry: Registry,
  prefix: string,
  other?: (entry: Entry) => string,
): Promise<void> {
  for (let more = true; more; ) {
    const page = await registry.range(prefix, { limit: other ? PAGE / 2 : PAGE });
    const keys = page.entries.flatMap(entry => (other ? [entry.key, other(entry)] : [entry.key]));
    if (keys.length > 0) await remove(registry, keys);
    more = page.more;
  }
}

async function remove(registry: Registry, keys: readonly string[]): Promise<void> {
  const write = keys.map(key => ({ kind: 'delete' as const, key }));
  const result = await registry.transact({ compare: [], write });
  if (result.kind !== 'committed') throw fail('storage-failed', { detail: 'a removal of unknown end' });
}
