import { fail } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { decodeRecord, encodeRecord, type LimitRecord, limitKey, POOL_LIMIT_ID } from '@lambent/membership';
import type { Registry } from '@lambent/registry';

/**
 * Writes the account's limit as this placement was told it. Of two that were told differently the one that started
 * last wins, and says so. Rejects with `registry-unavailable`.
 */
export async function writeAccountLimit(options: {
  readonly registry: Registry;
  readonly slots: number;
  readonly logger: Logger;
}): Promise<void> {
  const { registry, slots, logger } = options;
  const key = limitKey(POOL_LIMIT_ID);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const entry = await registry.get(key);
    const before = entry && decodeRecord<LimitRecord>(entry, ['slots'])?.slots;
    if (before === slots) return;
    const { kind } = await registry.transact({
      compare: [{ kind: 'key', key, modRevision: entry?.modRevision ?? 0 }],
      write: [{ kind: 'put', key, value: encodeRecord({ slots } satisfies LimitRecord) }],
    });
    if (kind === 'committed') return logger.info({ before, slots }, 'account limit written');
  }
  throw fail('registry-unavailable', { detail: "the account's limit could not be written" });
}

/** Somebody else wrote between reading and writing, or nobody knows: the next reading tells. */
const TRIES = 5;
