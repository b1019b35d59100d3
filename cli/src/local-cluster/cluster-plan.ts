import { join } from 'node:path';
import { fail } from '@lambent/core';
import { isLoopback } from '@lambent/daemon';
import type { Role } from '@lambent/membership';
import type { ClusterFile, EnginePart, MemberPart } from './cluster-file.ts';
import { type ClusterOptions, LOOPBACK } from './cluster-options.ts';
import { PortBook } from './port-book.ts';

/** What a cluster on this machine consists of, and where each part is found as long as its data lives. */
export type ClusterPlan = Omit<ClusterFile, 'supervisorPid'>;

export interface PlanOptions extends ClusterOptions {
  /** There, and nobody else's. */
  readonly dataDirectory: string;
  readonly name: string;
}

/** Every part has the ports that it had before, where nobody else has taken them meanwhile. */
export async function planCluster(
  options: PlanOptions,
  earlier: ClusterPlan | undefined,
): Promise<ClusterPlan> {
  const { name, replicas, advertise: host, tls, dataDirectory } = options;
  if (!tls && !isLoopback(host))
    throw fail('config-invalid', { name: '--no-tls', detail: `${host} is reached over a network` });
  const shape = { name, replicas: Number(replicas), host, tls };
  if (earlier) checkShape(shape, earlier);
  const ports = new PortBook();
  const engines = await planEngines(options, ports, earlier);
  const members = await planMembers(options, ports, earlier);
  const operator = tls && join(dataDirectory, 'certificates', 'operator');
  return { ...shape, ...(operator && { operator }), engines, members };
}

type Shape = Pick<ClusterPlan, 'name' | 'replicas' | 'host' | 'tls'>;

/** Engines remember each other by their addresses, so what these follow from stays as it was made. */
function checkShape(shape: Shape, earlier: ClusterPlan): void {
  const names = { name: 'LAMBENT_CLUSTER', replicas: '--replicas', host: '--advertise', tls: '--tls' };
  for (const key of Object.keys(names) as (keyof Shape)[]) {
    if (shape[key] === earlier[key]) continue;
    const detail = `the cluster in this data directory was made with ${earlier[key]}; make another elsewhere`;
    throw fail('config-invalid', { name: names[key], detail });
  }
}

async function planEngines(
  { dataDirectory, replicas, advertise: host, tls }: PlanOptions,
  ports: PortBook,
  earlier: ClusterPlan | undefined,
): Promise<EnginePart[]> {
  const engines: EnginePart[] = [];
  for (const kind of ['etcd', 'nats'] as const) {
    for (let number = 1; number <= Number(replicas); number += 1) {
      const id = `${kind}-${number}`;
      const before = earlier?.engines.find(part => part.id === id);
      const port = await ports.take(host, portOf(before?.url));
      const peerPort = await ports.keep(host, before?.peerPort, id);
      const scheme = SCHEMES[kind][tls ? 'tls' : 'plain'];
      engines.push({ kind, id, data: join(dataDirectory, id), url: `${scheme}://${host}:${port}`, peerPort });
    }
  }
  return engines;
}

const SCHEMES = { etcd: { tls: 'https', plain: 'http' }, nats: { tls: 'tls', plain: 'nats' } } as const;

async function planMembers(
  options: PlanOptions,
  ports: PortBook,
  earlier: ClusterPlan | undefined,
): Promise<MemberPart[]> {
  const { gateways, placements, workers, events } = options;
  const wanted = { placement: placements, worker: workers, events, gateway: gateways };
  const members: MemberPart[] = [];
  for (const [role, count] of Object.entries(wanted) as [Role, number][]) {
    for (let number = 1; number <= count; number += 1) {
      const id = `${role}-${number}`;
      const before = earlier?.members.find(part => part.id === id);
      const data = join(options.dataDirectory, id);
      const admin = `http://${LOOPBACK}:${await ports.take(LOOPBACK, portOf(before?.admin))}`;
      const doors = await planDoors(role, number, options, ports, before);
      members.push({ role, id, data, admin, ...doors });
    }
  }
  return members;
}

/** Where others find a member: clients a gateway, members a worker and a placement. */
async function planDoors(
  role: Role,
  number: number,
  { port, advertise: host, insecureListen }: PlanOptions,
  ports: PortBook,
  before: MemberPart | undefined,
): Promise<Pick<MemberPart, 'api' | 'grpc' | 'address'>> {
  if (role === 'events') return {};
  if (role !== 'gateway') return { address: `${host}:${await ports.take(host, portOf(before?.address))}` };
  const apiHost = insecureListen ? host : LOOPBACK;
  const apiPort = port === 0 ? await ports.take(apiHost, portOf(before?.api)) : port + number - 1;
  const grpcPort = await ports.take(host, portOf(before?.grpc));
  return { api: `http://${apiHost}:${apiPort}`, grpc: `grpc://${host}:${grpcPort}` };
}

/** Of a URL or of `host:port`. */
export function portOf(address: string | undefined): number | undefined {
  return address === undefined ? undefined : Number(address.slice(address.lastIndexOf(':') + 1));
}
