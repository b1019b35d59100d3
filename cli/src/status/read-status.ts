import { type Clock, isFailure } from '@lambent/core';
import { failureOfNats } from '@lambent/nats';
import { type ClusterAccess, connectClusterBroker, openClusterRegistry } from '../cluster-access.ts';
import { findCertificates } from '../found-certificates.ts';
import type { ClusterStatus, EngineStatus, ExpiringCertificate, QueueStatus } from './cluster-status.ts';
import { diskTrouble } from './disk-room.ts';
import { probeEngine } from './probe-engine.ts';
import { readQueues } from './read-queues.ts';
import { type Expected, readRegistry } from './read-registry.ts';

/** Asks every part of the cluster that tells something of it, each by itself: what is down hides nothing else. */
export async function readStatus(access: ClusterAccess, clock: Clock): Promise<ClusterStatus> {
  const expected = access.file?.members ?? [];
  const unknown: string[] = [];
  const orUnknown = <T>(what: string, reading: Promise<T>): Promise<T | null> =>
    reading.catch((error: unknown) => {
      if (!isFailure(error)) throw error;
      unknown.push(`${what}: ${error.message}`);
      return null;
    });
  const [engines, registry, broker, expiring] = await Promise.all([
    probeEngines(access, clock),
    orUnknown('members, workers and limits', askRegistry(access, expected, clock)),
    access.nats.length === 0 ? null : orUnknown('queues', askBroker(access, clock)),
    expiringCertificates(access, clock),
  ]);
  const { queues = null, degraded = null } = broker ?? {};
  return { name: access.name, engines, registry, queues, degraded, expiring, unknown };
}

function probeEngines(access: ClusterAccess, clock: Clock): Promise<EngineStatus[]> {
  const { tls, etcd, nats, file } = access;
  const urls = [
    ...etcd.map(url => ({ kind: 'etcd' as const, url })),
    ...nats.map(url => ({ kind: 'nats' as const, url })),
  ];
  const probe = async (each: (typeof urls)[number]) => {
    const { answers, trouble } = await probeEngine(each.url, { tls, clock });
    // Of engines elsewhere nobody here can tell. NATS never says how full its disk is.
    const part = file?.engines.find(({ url }) => url === each.url);
    const found = trouble ?? (part && (await diskTrouble(part.data)));
    return { ...each, answers, ...(found !== undefined && { trouble: found }) };
  };
  return Promise.all(urls.map(probe));
}

async function askRegistry(access: ClusterAccess, expected: Expected, clock: Clock) {
  await using registry = await openClusterRegistry(access, clock);
  return await readRegistry(registry, expected);
}

interface BrokerStatus {
  readonly queues: readonly QueueStatus[];
  readonly degraded: readonly string[];
}

async function askBroker(access: ClusterAccess, clock: Clock): Promise<BrokerStatus> {
  await using connection = await connectClusterBroker(access, clock);
  const queues = await readQueues(connection).catch(error => Promise.reject(failureOfNats(error)));
  return { queues, degraded: connection.degraded };
}

async function expiringCertificates(access: ClusterAccess, clock: Clock): Promise<ExpiringCertificate[]> {
  if (access.certificates === undefined) return [];
  const found = await findCertificates(access.certificates, clock);
  return found.filter(({ state }) => state !== 'valid');
}
