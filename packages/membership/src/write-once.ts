import { fail } from '@lambent/core';
import type { Entry, Registry } from '@lambent/registry';

/** What stands under a key that whoever asks first writes, and nobody ever again. Rejects with `registry-unavailable`. */
export async function writeOnce(registry: Registry, key: string, value: Uint8Array): Promise<Entry> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const entry = await registry.get(key);
    if (entry) return entry;
    await registry.transact({
      compare: [{ kind: 'key', key, modRevision: 0 }],
      write: [{ kind: 'put', key, value }],
    });
  }
  throw fail('registry-unavailable', { detail: `${key} could not be written` });
}

/** The second reading finds what this one or another wrote; a third, what an unknown write left. */
const TRIES = 3;
