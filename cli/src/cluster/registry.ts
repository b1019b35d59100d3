import type { Clock, Random, TlsMaterial } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { EtcdRegistry } from '@lambent/registry';
import type { Settings } from '../settings.ts';
import type { ClusterNetwork } from './network.ts';
import { patiently } from './patience.ts';

export interface OpenRegistryOptions {
  readonly settings: Settings;
  readonly network: ClusterNetwork;
  readonly tls: TlsMaterial | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly closing: AbortSignal;
}

/** The registry of the cluster, in etcd. */
export function openRegistry(options: OpenRegistryOptions): Promise<EtcdRegistry> {
  const { settings, network, tls, clock, random, logger } = options;
  const endpoints = network.etcd.map(server => `${tls ? 'https' : 'http'}://${server}`);
  const open = () =>
    EtcdRegistry.open({
      endpoints,
      namespace: settings.cluster.cluster,
      ...(tls && { tls }),
      clock,
      random,
      logger,
    });
  const { serversWaitMs: patienceMs } = settings.cluster;
  return patiently(open, { ...options, patienceMs, servers: `etcd at ${endpoints.join(', ')}` });
}
