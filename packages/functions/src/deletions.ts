import { fail } from '@lambent/core';
import type { Registry, Write } from '@lambent/registry';
import { DELETIONS_PREFIX, deletionKey, versionsPrefix } from './function-keys.ts';

/**
 * Removing the versions of deleted functions. A function's name is deleted in one transaction with a note of its
 * id; its versions, too many for one transaction, follow page by page, and the note goes with the last page. Two
 * may do this at once: deleting what is gone is no error.
 */

/** Below TRANSACTION_PARTS_MAX (128), with room for the note. */
const PAGE = 100;

export function deletionNote(functionId: string): Write {
  return { kind: 'put', key: deletionKey(functionId), value: Buffer.from(functionId) };
}

export async function removeVersions(registry: Registry, functionId: string): Promise<void> {
  for (let more = true; more; ) {
    const page = await registry.range(versionsPrefix(functionId), { limit: PAGE });
    more = page.more;
    const write: Write[] = page.entries.map(({ key }) => ({ kind: 'delete', key }));
    if (!more) write.push({ kind: 'delete', key: deletionKey(functionId) });
    const result = await registry.transact({ compare: [], write });
    if (result.kind !== 'committed') throw fail('storage-failed', { detail: 'a removal of unknown end' });
  }
}

/** Finishes the deletions that something cut short. */
export async function sweepDeletions(registry: Registry): Promise<void> {
  for (let more = true; more; ) {
    const page = await registry.range(DELETIONS_PREFIX, { limit: PAGE });
    for (const note of page.entries) await removeVersions(registry, Buffer.from(note.value).toString());
    more = page.more;
  }
}
