import { type Blobs, NatsBlobs } from '@lambent/blobs';
import { type Bus, NatsBus } from '@lambent/bus';
import { type FunctionLogs, NatsFunctionLogs } from '@lambent/function-logs';
import { NatsConnection } from '@lambent/nats';
import type { Member } from './member.ts';
import { patiently } from './patience.ts';

/** What of the cluster's stores is in NATS. Each is opened by whoever uses it. */
export interface Broker {
  bus(): Promise<Bus>;
  blobs(): Promise<Blobs>;
  logs(): Promise<FunctionLogs>;
}

/** The member's one connection to NATS. */
export async function connectBroker(stack: AsyncDisposableStack, member: Member): Promise<Broker> {
  const { role, id, admin, settings, network, tls, clusterId, clock, random, logger } = member;
  const { cluster, natsReplicas, natsMonitor: monitorUrl, natsSync: syncInterval } = settings.cluster;
  const { queueBytes, blobsBytes, logsBytes, serversWaitMs: patienceMs } = settings.cluster;
  const { nats: servers } = network;
  const open = () =>
    NatsConnection.open({
      name: `${role} ${id}`,
      servers,
      patienceMs: 0,
      cluster,
      clusterId,
      replicas: Number(natsReplicas),
      syncInterval,
      ...(tls && { tls }),
      ...(monitorUrl !== undefined && { monitorUrl }),
      clock,
      logger,
    });
  const patience = { ...member, patienceMs, servers: `NATS at ${servers.join(', ')}` };
  const connection = stack.use(await patiently(open, patience));
  admin.leansOn('nats', () => (connection.state === 'connected' ? undefined : `it is ${connection.state}`));
  const shared = { clock, random, connection };
  const queueBytesMax = Math.floor(queueBytes / settings.async.partitions);
  const failed = (err: unknown) => logger.error({ err }, 'function logs not published');
  return {
    bus: () => patiently(() => NatsBus.open({ ...shared, queueBytesMax }), patience),
    blobs: () => patiently(() => NatsBlobs.open({ ...shared, maxBytes: blobsBytes }), patience),
    logs: () => patiently(() => NatsFunctionLogs.open({ ...shared, maxBytes: logsBytes, failed }), patience),
  };
}
