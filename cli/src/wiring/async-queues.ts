import type { Bus } from '@lambent/bus';
import { fail } from '@lambent/core';
import { ASYNC_FIELDS, AsyncQueues } from '@lambent/functions';
import { settleSetting } from '@lambent/membership';
import type { Registry } from '@lambent/registry';
import type { Settings } from '../settings.ts';

/** The queues of asynchronous invocations: as many as there have always been, or what waits in some would never run. */
export async function openAsyncQueues(options: {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly settings: Settings;
}): Promise<AsyncQueues> {
  const { registry, bus, settings } = options;
  const { partitions } = settings.async;
  if (settings.cluster.queueBytes / partitions < PARTITION_BYTES_MIN) {
    const detail = `each of ${partitions} partitions needs at least ${PARTITION_BYTES_MIN}`;
    throw fail('config-invalid', { name: 'LAMBENT_QUEUE_BYTES', detail });
  }
  await settleSetting(registry, {
    variable: ASYNC_FIELDS.partitions.variable,
    value: String(partitions),
    because: 'events in the queues of one number are not found with another',
  });
  return AsyncQueues.open(bus, settings.async);
}

/** A fifth of it is for moving what is in the queue, and must take a message of the largest size, 2 MiB. */
const PARTITION_BYTES_MIN = 12 * 1_024 ** 2;
