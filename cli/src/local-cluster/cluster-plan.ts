import { join } from 'node:path';
import { fail } from '@lambent/core';
import { isLoopback } from '@lambent/daemon';
import type { Role } from '@lambent/membership';
import { EVERYWHERE } from '../cluster/network.ts';
import { fromListenError } from '../listen-failure.ts';
import type { ClusterFile, EnginePart, MemberPart } from './cluster-file.ts';
import { type ClusterOptions, LOOPBACK, PORT_MAX } from './cluster-options.ts';
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
  if (EVERYWHERE.has(host)) {
    const detail = `${host} is where to listen, not where others reach this machine`;
    throw fail('config-invalid', { name: '--advertise', detail });
  }
  const shape = { name, replicas: Number(replicas), host, tls };
  if (earlier) checkShape(shape, earlier);
  const { engines, members } = await planParts(options, earlier).catch(error =>
    Promise.reject(fromListenError(error, { host, hostOption: '--advertise' })),
  );
  const operator = tls && join(dataDirectory, 'certificates', 'operator');
  return { ...shape, ...(operator && { operator }), engines, members };
}

type Shape = Pick<ClusterPlan, 'name' | 'replicas' | 'host' | 'tls'>;

/** Engines remember each other by their addresses, so what these follow from stays as it was made. */
function checkShape(shape: Shape, earlier: ClusterPlan): void {
  const names = { name: 'LAMBENT_CLUSTER', replicas: '--replicas', host: '--advertise', tls: '--no-tls' };
  for (const key of Object.keys(names) as (keyof Shape)[]) {
    if (shape[key] === earlier[key]) continue;
    const made = key === 'tls' ? (earlier.tls ? 'without it' : 'with it') : `with ${earlier[key]}`;
    const detail = `the cluster in this data directory was made ${made}; make another elsewhere`;
    throw fail('config-invalid', { name: names[key], detail });
  }
}

/** The ports that were asked for come first: the others are to be had anywhere. */
async function planParts(
  options: PlanOptions,
  earlier: ClusterPlan | undefined,
): Promise<Pick<ClusterPlan, 'engines' | 'members'>> {
  const ports = new PortBook();
  await claimApiPorts(options, ports);
  return {
    engines: await planEngines(options, ports, earlier),
    members: await planMembers(options, ports, earlier),
  };
}

async function claimApiPorts(options: PlanOptions, ports: PortBook): Promise<void> {
  const { port, gateways } = options;
  if (port === 0) return;
  const highest = PORT_MAX - gateways + 1;
  if (port > highest) {
    const detail = `${gateways} gateways have one port after the other: it is at most ${highest}`;
    throw fail('config-invalid', { name: '--port', detail });
  }
  for (let number = 1; number <= gateways; number += 1)
    await ports.claim(apiHostOf(options), apiPortOf(port, number));
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
  options: PlanOptions,
  ports: PortBook,
  before: MemberPart | undefined,
): Promise<Pick<MemberPart, 'api' | 'grpc' | 'address'>> {
  const { port, advertise: host } = options;
  if (role === 'events') return {};
  if (role !== 'gateway') return { address: `${host}:${await ports.take(host, portOf(before?.address))}` };
  const apiHost = apiHostOf(options);
  const apiPort = port === 0 ? await ports.take(apiHost, portOf(before?.api)) : apiPortOf(port, number);
  const grpcPort = await ports.take(host, portOf(before?.grpc));
  return { api: `http://${apiHost}:${apiPort}`, grpc: `grpc://${host}:${grpcPort}` };
}

function apiHostOf({ insecureListen, advertise }: PlanOptions): string {
  return insecureListen ? advertise : LOOPBACK;
}

/** Of gateways, the first of which is number 1 and has the port that was asked for. */
function apiPortOf(first: number, number: number): number {
  return first + number - 1;
}

/** Of a URL or of `host:port`. */
export function portOf(address: string | undefined): number | undefined {
  return address === undefined ? undefined : Number(address.slice(address.lastIndexOf(':') + 1));
}
