import { dirname, resolve } from 'node:path';
import { readMaterial } from '@lambent/certificates';
import { type Clock, fail, SystemRandom, type TlsMaterial } from '@lambent/core';
import { createLogger, EXIT_CODES, readConfig } from '@lambent/daemon';
import { NatsConnection } from '@lambent/nats';
import { EtcdRegistry, type Registry } from '@lambent/registry';
import { ACCESS_FIELDS } from './access-options.ts';
import { CLUSTER_FIELDS } from './cluster/cluster-fields.ts';
import { CommandFailure } from './command-failure.ts';
import { type ClusterFile, readClusterFile } from './local-cluster/cluster-file.ts';
import { variablesOf } from './setting-options.ts';

/** How a command reaches the engines of a cluster. */
export interface ClusterAccess {
  readonly name: string;
  /** URLs. */
  readonly etcd: readonly string[];
  readonly nats: readonly string[];
  readonly monitorUrl: string | undefined;
  readonly replicas: number;
  readonly tls: TlsMaterial | undefined;
  /** Where certificates lie that the owner of the cluster should know of. */
  readonly certificates: string | undefined;
  /** What `lambent cluster` tells of itself, where it was found by that. */
  readonly file: ClusterFile | undefined;
}

/** The servers that were named, or those of the `lambent cluster` on the data directory. */
export async function locateCluster(
  options: Readonly<Record<string, unknown>>,
  clock: Clock,
): Promise<ClusterAccess> {
  const settings = readConfig(ACCESS_FIELDS, variablesOf(ACCESS_FIELDS, options));
  if (settings.etcd !== undefined) return namedCluster(settings, clock);
  const data = resolve(String(options['data']));
  const file = await readClusterFile(data);
  if (file && (settings.cluster ?? file.name) !== file.name) {
    const detail = `the cluster in ${data} is ${file.name}; name the servers of another with --etcd`;
    throw fail('config-invalid', { name: '--cluster', detail });
  }
  if (file) return ownCluster(file, clock);
  throw new CommandFailure(
    `no cluster was made in ${data}: start one with \`npx lambent cluster\`, or name its servers with --etcd`,
    EXIT_CODES.unavailable,
  );
}

type Named = ReturnType<typeof readConfig<typeof ACCESS_FIELDS>>;

async function namedCluster(settings: Named, clock: Clock): Promise<ClusterAccess> {
  const { tls: directory } = settings;
  const urls = (text: string | undefined, scheme: string) =>
    text?.split(',').map(server => `${scheme}://${server.replace(/^\w+:\/\//, '')}`) ?? [];
  return {
    name: settings.cluster ?? CLUSTER_FIELDS.cluster.default,
    etcd: urls(settings.etcd, directory ? 'https' : 'http'),
    nats: urls(settings.nats, directory ? 'tls' : 'nats'),
    monitorUrl: settings.natsMonitor,
    replicas: Number(settings.natsReplicas),
    tls: directory === undefined ? undefined : await readMaterial(directory, { clock }),
    certificates: directory,
    file: undefined,
  };
}

async function ownCluster(file: ClusterFile, clock: Clock): Promise<ClusterAccess> {
  const { name, replicas, engines, operator } = file;
  const urls = (kind: string) => engines.filter(engine => engine.kind === kind).map(({ url }) => url);
  return {
    name,
    etcd: urls('etcd'),
    nats: urls('nats'),
    monitorUrl: engines.find(({ monitorUrl }) => monitorUrl !== undefined)?.monitorUrl,
    replicas,
    tls: operator === undefined ? undefined : await readMaterial(operator, { clock }),
    certificates: operator && dirname(operator),
    file,
  };
}

/** Rejects with `registry-unavailable` or `registry-unfit`. */
export function openClusterRegistry(access: ClusterAccess, clock: Clock): Promise<Registry> {
  const { name: namespace, etcd: endpoints, tls: material } = access;
  return EtcdRegistry.open({
    endpoints,
    namespace,
    ...(material && { tls: material }),
    clock,
    random: new SystemRandom(),
  });
}

/** Rejects with `broker-unavailable` or `broker-unfit`. */
export function connectClusterBroker(access: ClusterAccess, clock: Clock): Promise<NatsConnection> {
  const { name, nats: servers, tls: material, replicas, monitorUrl } = access;
  return NatsConnection.open({
    name: 'operator',
    servers,
    patienceMs: 0,
    cluster: name,
    // It makes nothing there, so that nothing has to be told apart.
    clusterId: '',
    replicas,
    ...(material && { tls: material }),
    ...(monitorUrl !== undefined && { monitorUrl }),
    clock,
    logger: createLogger({ level: 'silent', service: 'operator' }),
  });
}
