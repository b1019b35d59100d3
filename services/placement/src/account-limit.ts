import type { Logger } from '@lambent/daemon';
import { changeDivision } from '@lambent/membership';
import type { Registry } from '@lambent/registry';

/**
 * Writes the account's concurrency as this placement was told it. Of two that were told differently the one that
 * started last wins, and says so. What functions have reserved stays theirs: it never becomes less than that. Rejects
 * with `registry-unavailable`.
 */
export async function writeAccountLimit(options: {
  readonly registry: Registry;
  readonly slots: number;
  readonly logger: Logger;
}): Promise<void> {
  const { registry, slots, logger } = options;
  let before = slots;
  const { concurrency } = await changeDivision(registry, division => {
    before = division.concurrency;
    return { division: division.resize(slots) };
  });
  if (concurrency !== before) logger.info({ before, slots: concurrency }, 'account limit written');
  if (concurrency !== slots)
    logger.warn({ asked: slots, slots: concurrency }, 'account limit kept at what functions reserve');
}
