import { fail, type Random } from '@lambent/core';
import type { Registry } from '@lambent/registry';

const KEY = 'iam/sealing-key';
const KEY_BYTES = 32;
const ATTEMPTS_MAX = 8;

/** The key that sessions are sealed with: made once, the same for every gateway from then on. */
export async function readSealingKey({
  registry,
  random,
}: {
  registry: Registry;
  random: Random;
}): Promise<Uint8Array> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const entry = await registry.get(KEY);
    if (entry) return entry.value;
    // Whoever is first has made it; whether that was this very write is the same to everybody.
    await registry.transact({
      compare: [{ kind: 'key', key: KEY, modRevision: 0 }],
      write: [{ kind: 'put', key: KEY, value: random.bytes(KEY_BYTES) }],
    });
  }
  throw fail('storage-failed', { detail: `${KEY} could not be made` });
}
