import type { LeaseId, Registry } from '@lambent/registry';
import { fleetKey, memberKey } from './cluster-keys.ts';
import { decodeRecord } from './record-codec.ts';
import type { FleetRecord } from './records.ts';
import { slotsOfWorker } from './slots-of-worker.ts';

/** What forgetting a worker came to. */
export type Forgotten =
  /** Slots by limit that others may have now. */
  | { readonly kind: 'forgotten'; readonly freed: Readonly<Record<string, number>> }
  /** Its session is renewed: it runs. Nothing was changed. */
  | { readonly kind: 'alive' }
  | { readonly kind: 'not-there' };

/**
 * Frees the slots of a worker whose machine is off, and takes it out of the fleet. A worker that still runs when its
 * slots are freed may exceed the limits until it finds out, so `force` is for whoever knows that it does not.
 * Rejects with `registry-unavailable`.
 */
export async function forgetWorker(
  registry: Registry,
  workerId: string,
  { force = false }: { readonly force?: boolean } = {},
): Promise<Forgotten> {
  if (!force && (await registry.get(memberKey('worker', workerId)))) return { kind: 'alive' };
  const entry = await registry.get(fleetKey(workerId));
  if (!entry) return { kind: 'not-there' };
  const freed = await slotsOfWorker(registry, workerId);
  const record = decodeRecord<FleetRecord>(entry, ['grantLease']);
  if (record) await registry.revokeLease(record.grantLease as LeaseId);
  // Refused where its next life has just begun: that one stays.
  await registry.transact({
    compare: [{ kind: 'key', key: entry.key, modRevision: entry.modRevision }],
    write: [{ kind: 'delete', key: entry.key }],
  });
  return { kind: 'forgotten', freed };
}
