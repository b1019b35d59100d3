import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { writeMaterial } from '@lambent/certificates';
import { type Clock, fail } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { hostAndPortOf } from './cluster/network.ts';
import { patiently } from './cluster/patience.ts';
import { openDataDirectory } from './data-directory.ts';
import { readJoinFile } from './local-cluster/join-file.ts';

/** The way to a server that is there is found at once; to one that is not, after this. */
const CONNECT_TIMEOUT_MS = 10_000;

export interface JoiningOptions {
  /** What the cluster has given out. */
  readonly path: string;
  readonly data: string;
  /** `host:port`; any port of the address at which this machine reaches the cluster, when not given. */
  readonly listen: string | undefined;
  /** How long one that joins waits for servers, as any member does. */
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** What a worker is told by a join file, as variables. Its certificate is put into the data directory. */
export async function joinSettings(options: JoiningOptions): Promise<Record<string, string>> {
  const file = await readJoinFile(options.path);
  const { etcd, nats } = file;
  const directory = join(await openDataDirectory(options.data), 'certificates');
  await writeMaterial(directory, file.tls);
  return {
    LAMBENT_CLUSTER: file.cluster,
    LAMBENT_ETCD: etcd.join(','),
    LAMBENT_NATS: nats.join(','),
    LAMBENT_NATS_REPLICAS: String(file.replicas),
    LAMBENT_NATS_SYNC: file.natsSync ?? 'unknown',
    LAMBENT_TLS: directory,
    LAMBENT_LISTEN: options.listen ?? `${await ownAddress(etcd, options)}:0`,
  };
}

/** The address that this machine shows to the servers of the cluster: there the others reach it, too. */
function ownAddress(etcd: readonly string[], options: JoiningOptions): Promise<string> {
  const servers = `etcd at ${etcd.join(', ')}`;
  // Until something is opened a signal ends the process by itself.
  const { signal: closing } = new AbortController();
  return patiently(() => addressTowards(etcd, options.clock), { ...options, servers, closing });
}

async function addressTowards(servers: readonly string[], clock: Clock): Promise<string> {
  for (const server of servers) {
    const socket = connect(hostAndPortOf(server.replace(/^\w+:\/\//, '')));
    using _ = clock.setTimer(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error('no answer')));
    try {
      await once(socket, 'connect');
      return socket.localAddress?.includes(':') ? `[${socket.localAddress}]` : (socket.localAddress ?? '');
    } catch {
      // The next one may answer.
    } finally {
      socket.destroy();
    }
  }
  throw fail('registry-unavailable', { detail: `none of ${servers.join(', ')} is reached from here` });
}
