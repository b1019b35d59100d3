import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, SystemClock } from '@lambent/core';
import { EngineProcess } from './engine-process.ts';
import { isHealthy } from './health.ts';
import type { TlsFiles } from './tls-files.ts';

export interface EtcdOptions {
  readonly program: string;
  /** Its data and its configuration; made if it is not there, and started from if it is. */
  readonly directory: string;
  readonly clientPort: number;
  readonly peerPort: number;
  /** Default: etcd. */
  readonly name?: string;
  /** Every member of the cluster, this one too. Default: it is the only one. */
  readonly cluster?: readonly EtcdPeer[];
  readonly tls?: TlsFiles;
  /** What it may store; past it nothing is written any more. */
  readonly storeBytesMax?: number;
  /** The address it listens on and is known by. Default: loopback. */
  readonly host?: string;
  /** What to put before its command so that it runs elsewhere, where `host` is. */
  readonly enter?: readonly string[];
  readonly clock?: Clock;
}

export interface EtcdPeer {
  readonly name: string;
  readonly peerPort: number;
  readonly host?: string;
}

export interface EtcdServer extends EngineProcess {
  /** Where clients connect. */
  readonly url: string;
}

const LOOPBACK = '127.0.0.1';
/** How long a watch may be away and still go on where it was. */
const HISTORY_KEPT = '1h';
/** etcd's own recommended most: what is stored here is small, and a file of this size still starts in seconds. */
const STORE_BYTES_MAX = 8 * 1_024 ** 3;

/** Starts one etcd and resolves once it answers linearizable reads, which in a cluster takes a majority of it. */
export async function startEtcd(options: EtcdOptions): Promise<EtcdServer> {
  const { program, directory, tls, clock = new SystemClock() } = options;
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = join(directory, 'etcd.json');
  const url = urlOf(options.host, options.clientPort, tls);
  await writeFile(file, JSON.stringify(configuration(options, url), null, 2), { mode: 0o600 });
  const args = ['--config-file', file];
  const engine = new EngineProcess({ program, args, cwd: directory, enter: options.enter, clock });
  await engine.ready(() => isHealthy(`${url}/health`, tls));
  return Object.assign(engine, { url });
}

/** Everything is said here: etcd ignores flags and environment beside a configuration file. */
function configuration(options: EtcdOptions, clientUrl: string) {
  const { name = 'etcd', host, peerPort, tls } = options;
  const { cluster = [{ name, peerPort, ...(host !== undefined && { host }) }] } = options;
  const peerUrl = urlOf(host, peerPort, tls);
  const security = tls && {
    'trusted-ca-file': tls.ca,
    'cert-file': tls.cert,
    'key-file': tls.key,
    'client-cert-auth': true,
  };
  return {
    name,
    'data-dir': join(options.directory, 'data'),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': cluster.map(peer => `${peer.name}=${urlOf(peer.host, peer.peerPort, tls)}`).join(','),
    'initial-cluster-token': 'lambent',
    'initial-cluster-state': 'new',
    'auto-compaction-mode': 'periodic',
    'auto-compaction-retention': HISTORY_KEPT,
    'quota-backend-bytes': options.storeBytesMax ?? STORE_BYTES_MAX,
    'log-outputs': ['stderr'],
    'log-level': 'warn',
    ...(security && { 'client-transport-security': security, 'peer-transport-security': security }),
  };
}

function urlOf(host = LOOPBACK, port: number, tls?: TlsFiles): string {
  return `${tls ? 'https' : 'http'}://${host}:${port}`;
}
