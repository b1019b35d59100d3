import { decodeKeyPart, type Entry, type LeaseId, type Registry } from '@lambent/registry';
import { fleetKey, GRANTS_PREFIX, grantKey, memberKey } from './cluster-keys.ts';
import { decodeRecord } from './record-codec.ts';
import type { FleetRecord } from './records.ts';

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
  const freed = await grantsOf(registry, workerId);
  const record = decodeRecord<FleetRecord>(entry, ['grantLease']);
  if (record) await registry.revokeLease(record.grantLease as LeaseId);
  // Refused where its next life has just begun: that one stays.
  await registry.transact({
    compare: [{ kind: 'key', key: entry.key, modRevision: entry.modRevision }],
    write: [{ kind: 'delete', key: entry.key }],
  });
  return { kind: 'forgotten', freed };
}

async function grantsOf(registry: Registry, workerId: string): Promise<Record<string, number>> {
  const { entries } = await registry.range(GRANTS_PREFIX);
  const own = entries.flatMap(entry => {
    const limitId = decodeKeyPart(entry.key.slice(GRANTS_PREFIX.length).split('/')[0] ?? '');
    return entry.key === grantKey(limitId, workerId) ? [[limitId, slotsOf(entry)] as const] : [];
  });
  return Object.fromEntries(own);
}

function slotsOf({ value }: Entry): number {
  return Number(Buffer.from(value).toString());
}
