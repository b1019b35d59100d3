import {
  type EnginePrograms,
  type EtcdServer,
  findEngines,
  type NatsServer,
  startEtcd,
  startNats,
} from '@lambent/engines';
import { TEST_TOOLS, TestEngine } from '@lambent/testing';
import type { ClusterCertificates } from './cluster-certificates.ts';
import type { PrivateHost, PrivateNetwork } from './private-network.ts';

/** An engine, and where on the network it runs. */
export interface StageEngine<Server extends EtcdServer | NatsServer> extends AsyncDisposable {
  readonly host: PrivateHost;
  /** `host:port` for clients. */
  readonly address: string;
  readonly engine: TestEngine<Server>;
}

export interface StageEnginesOptions {
  readonly network: PrivateNetwork;
  readonly certificates: ClusterCertificates;
  /** Of each. */
  readonly count: 1 | 3;
}

const [ETCD_PORT, ETCD_PEER_PORT, NATS_PORT, NATS_PEER_PORT] = [2_379, 2_380, 4_222, 6_222];

/** The etcd of a cluster, each on a host of its own. */
export async function startEtcds({ network, certificates, count }: StageEnginesOptions) {
  const { etcd: program } = await enginePrograms();
  const hosts = await addHosts(network, 'etcd', count);
  const cluster = hosts.map(host => ({ name: host.name, peerPort: ETCD_PEER_PORT, host: host.address }));
  return Promise.all(
    cluster.map(async (peer, index): Promise<StageEngine<EtcdServer>> => {
      const host = hosts[index] as PrivateHost;
      const tls = await certificates.filesOf('etcd', [host.address]);
      const shared = { ...peer, program, tls, cluster, clientPort: ETCD_PORT, enter: host.enter };
      return placed(host, ETCD_PORT, await TestEngine.open(directory => startEtcd({ ...shared, directory })));
    }),
  );
}

/** The same of NATS. */
export async function startNatsServers({ network, certificates, count }: StageEnginesOptions) {
  const { natsServer: program } = await enginePrograms();
  const hosts = await addHosts(network, 'nats', count);
  const peers = hosts.map(host => ({ port: NATS_PEER_PORT, host: host.address }));
  const cluster = count > 1 ? { cluster: { name: 'stage', port: NATS_PEER_PORT, peers } } : {};
  return Promise.all(
    hosts.map(async (host): Promise<StageEngine<NatsServer>> => {
      const tls = await certificates.filesOf('nats', [host.address]);
      const own = { name: host.name, host: host.address, port: NATS_PORT, enter: host.enter };
      const shared = { ...own, ...cluster, program, tls };
      return placed(host, NATS_PORT, await TestEngine.open(directory => startNats({ ...shared, directory })));
    }),
  );
}

async function addHosts(network: PrivateNetwork, name: string, count: number): Promise<PrivateHost[]> {
  const hosts: PrivateHost[] = [];
  for (let number = 1; number <= count; number += 1) hosts.push(await network.addHost(`${name}-${number}`));
  return hosts;
}

function placed<Server extends EtcdServer | NatsServer>(
  host: PrivateHost,
  port: number,
  engine: TestEngine<Server>,
) {
  const address = `${host.address}:${port}`;
  return { host, address, engine, [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose]() };
}

async function enginePrograms(): Promise<EnginePrograms> {
  const found = await findEngines({ toolsDirectory: TEST_TOOLS.cache, env: process.env });
  if (!found) throw new Error('nats-server and etcd are not there yet: "npm test" fetches them');
  return found;
}
