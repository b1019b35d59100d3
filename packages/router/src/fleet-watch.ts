import type { Clock, Random } from '@lambent/core';
import { decodeRecord, FLEET_PREFIX, type FleetRecord } from '@lambent/membership';
import { decodeKeyPart, type Entry, RecordWatch, type Registry } from '@lambent/registry';
import type { WorkerAddress } from './worker-address.ts';

export interface FleetWatchOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly changed: (fleet: readonly WorkerAddress[]) => void;
}

/**
 * Tells the whole fleet, now and after every change; while the registry is silent the last known stays. Rejects with
 * `registry-unavailable` when it cannot be read at all.
 */
export function watchFleet(options: FleetWatchOptions): Promise<AsyncDisposable> {
  const { changed } = options;
  return RecordWatch.open<WorkerAddress>({
    ...options,
    prefix: FLEET_PREFIX,
    decode: decodeWorker,
    changed: workers => changed([...workers.values()]),
  });
}

function decodeWorker(entry: Entry): WorkerAddress | undefined {
  const record = decodeRecord<FleetRecord>(entry, ['address', 'incarnation']);
  if (!record) return undefined;
  const { address, incarnation } = record;
  return { workerId: decodeKeyPart(entry.key.slice(FLEET_PREFIX.length)), address, incarnation };
}
