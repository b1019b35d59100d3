import { join } from 'node:path';
import { DirectoryBlobs } from '@lambent/blobs';
import { SqliteBus } from '@lambent/bus';
import type { Clock } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { SpooledFunctionLogs } from '@lambent/function-logs';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import type { Stores } from '../wiring/stores.ts';

/** What a function logs in weeks, or a chatty one in an hour; the oldest goes first. */
const LOG_BYTES_PER_GROUP_MAX = 16 * 1024 * 1024;

/** What a Lambent on one machine keeps on its disk. Fails with `data-locked` when another process has the directory. */
export async function openStorage(
  stack: AsyncDisposableStack,
  options: { readonly dataDirectory: string; readonly clock: Clock; readonly logger: Logger },
): Promise<Stores> {
  const { dataDirectory, clock, logger } = options;
  const store = stack.use(await SqliteStore.open({ file: join(dataDirectory, 'lambent.db') }));
  const registry = stack.use(await SqliteRegistry.open({ store, clock, logger }));
  const bus = stack.use(await SqliteBus.open({ store, clock }));
  const blobs = await DirectoryBlobs.open({ directory: join(dataDirectory, 'blobs') });
  const logs = stack.use(
    await SpooledFunctionLogs.open({
      directory: join(dataDirectory, 'logs'),
      clock,
      maxBytesPerGroup: LOG_BYTES_PER_GROUP_MAX,
      failed: err => logger.error({ err }, 'function logs could not be written'),
    }),
  );
  return { registry, bus, blobs, logs };
}
