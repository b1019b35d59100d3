import {
  CLUSTER_KEY,
  type ClusterRecord,
  decodeLimit,
  decodeMember,
  decodeRecord,
  FLEET_PREFIX,
  type FleetRecord,
  GRANTS_PREFIX,
  LIMITS_PREFIX,
  limitIdOf,
  MEMBERS_PREFIX,
  type MemberRecord,
} from '@lambent/membership';
import { decodeKeyPart, type Entry, type Registry } from '@lambent/registry';
import type { LimitStatus, MemberStatus, RegistryStatus, WorkerStatus } from './cluster-status.ts';

/** Members that should be there, whatever the registry says. */
export type Expected = readonly Pick<MemberStatus, 'role' | 'id'>[];

/** Rejects with `registry-unavailable`. What no member of this version wrote is left out. */
export async function readRegistry(registry: Registry, expected: Expected): Promise<RegistryStatus> {
  const [cluster, members, fleet, limits, grants] = await Promise.all([
    registry.get(CLUSTER_KEY),
    registry.range(MEMBERS_PREFIX),
    registry.range(FLEET_PREFIX),
    registry.range(LIMITS_PREFIX),
    registry.range(GRANTS_PREFIX),
  ]);
  const living = members.entries.flatMap(entry => decodeMember(entry) ?? []);
  const held = grants.entries.map(grantOf);
  return {
    id: cluster && decodeRecord<ClusterRecord>(cluster, ['id'])?.id,
    members: membersOf(living, expected),
    workers: fleet.entries.flatMap(entry => workerOf(entry, living, held) ?? []),
    limits: limits.entries.flatMap(entry => limitOf(entry, held) ?? []),
  };
}

interface Grant {
  readonly limitId: string;
  readonly workerId: string;
  readonly slots: number;
}

function grantOf({ key, value }: Entry): Grant {
  const [limitId = '', workerId = ''] = key.slice(GRANTS_PREFIX.length).split('/').map(decodeKeyPart);
  return { limitId, workerId, slots: Number(Buffer.from(value).toString()) };
}

function membersOf(living: readonly MemberRecord[], expected: Expected): MemberStatus[] {
  const absent = expected.filter(
    ({ role, id }) => !living.some(each => each.role === role && each.id === id),
  );
  const all = [
    ...living.map(({ role, id, version, incarnation, address, urls }) => ({
      ...{ role, id, alive: true, version, incarnation },
      ...(address !== undefined && { address }),
      ...(urls && { urls }),
    })),
    ...absent.map(({ role, id }) => ({ role, id, alive: false })),
  ];
  return all.sort((one, other) => (`${one.role} ${one.id}` < `${other.role} ${other.id}` ? -1 : 1));
}

function workerOf(
  entry: Entry,
  living: readonly MemberRecord[],
  held: readonly Grant[],
): WorkerStatus | undefined {
  const id = decodeKeyPart(entry.key.slice(FLEET_PREFIX.length));
  const record = decodeRecord<FleetRecord>(entry, ['address', 'incarnation', 'memoryMb', 'runtimes']);
  if (!record) return undefined;
  const { address, incarnation, memoryMb, runtimes } = record;
  const own = held.filter(({ workerId }) => workerId === id);
  return {
    ...{ id, address, incarnation, memoryMb, runtimes },
    alive: living.some(member => member.role === 'worker' && member.id === id),
    granted: Object.fromEntries(own.map(({ limitId, slots }) => [limitId, slots])),
  };
}

function limitOf(entry: Entry, grants: readonly Grant[]): LimitStatus | undefined {
  const id = limitIdOf(entry.key);
  const record = decodeLimit(entry);
  if (!record) return undefined;
  const own = grants.filter(({ limitId }) => limitId === id);
  return { id, ...record, granted: own.reduce((sum, { slots }) => sum + slots, 0) };
}
