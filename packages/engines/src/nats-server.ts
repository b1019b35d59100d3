import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Clock, SystemClock } from '@lambent/core';
import { EngineProcess } from './engine-process.ts';
import { isHealthy } from './health.ts';
import type { TlsFiles } from './tls-files.ts';

export interface NatsOptions {
  readonly program: string;
  /** Its streams and its configuration; made if it is not there, and started from if it is. */
  readonly directory: string;
  /** Where its streams lie, if not there: a disk of their own. */
  readonly storeDirectory?: string;
  readonly port: number;
  /** Default: nats. In a cluster every server has its own. */
  readonly name?: string;
  /** Whether each write is on the disk before it is acknowledged. Default: yes; no is for measuring the difference. */
  readonly syncAlways?: boolean;
  readonly cluster?: NatsCluster;
  readonly tls?: TlsFiles;
  readonly maxPayloadBytes?: number;
  /** What streams may set aside: of the disk, by default, whatever they ask for; of memory most of what there is. */
  readonly jetstream?: { readonly fileBytesMax?: number; readonly memoryBytesMax?: number };
  /** The address it listens on and is known by. Default: loopback. */
  readonly host?: string;
  /** What to put before its command so that it runs elsewhere, where `host` is. */
  readonly enter?: readonly string[];
  readonly clock?: Clock;
}

export interface NatsCluster {
  readonly name: string;
  /** Where the other servers reach this one. */
  readonly port: number;
  /** The servers of the cluster; this one may be among them. */
  readonly peers: readonly { readonly port: number; readonly host?: string }[];
}

export interface NatsServer extends EngineProcess {
  /** Where clients connect. */
  readonly url: string;
  /** Where it tells of itself (`/healthz`, `/jsz`): on loopback only, unless it runs elsewhere. */
  readonly monitorUrl: string;
}

const LOOPBACK = '127.0.0.1';
/** Lambent's largest message, 2 MiB, with its headers, and as much again: never the bound that is met first. */
const PAYLOAD_BYTES_MAX = 4 * 1_024 ** 2;
/**
 * Streams have bounds of their own. The server's own ceiling is three quarters of what is free when it starts: on a
 * disk that was filled meanwhile, less than what its streams have set aside already.
 */
const FILE_BYTES_MAX = Number.MAX_SAFE_INTEGER;

/** Starts one nats-server and resolves once its streams answer, which in a cluster takes a majority of it. */
export async function startNats(options: NatsOptions): Promise<NatsServer> {
  const { program, directory, tls, host = LOOPBACK, clock = new SystemClock() } = options;
  const file = join(directory, 'nats.json');
  const ports = join(directory, 'ports');
  await rm(ports, { recursive: true, force: true });
  await mkdir(ports, { recursive: true, mode: 0o700 });
  await writeFile(file, JSON.stringify(configuration(options, ports), null, 2), { mode: 0o600 });
  const args = ['--config', file];
  const engine = new EngineProcess({ program, args, cwd: directory, enter: options.enter, clock });
  const portsFile = join(ports, `${basename(program)}_${engine.pid}.ports`);
  let monitorUrl: string | undefined;
  await engine.ready(async () => {
    monitorUrl ??= await readMonitorUrl(portsFile);
    return monitorUrl !== undefined && isHealthy(`${monitorUrl}/healthz`);
  });
  const url = `${tls ? 'tls' : 'nats'}://${host}:${options.port}`;
  return Object.assign(engine, { url, monitorUrl: monitorUrl ?? '' });
}

function configuration(options: NatsOptions, ports: string) {
  const { name = 'nats', port, host = LOOPBACK, cluster, syncAlways = true, jetstream = {} } = options;
  const tls = options.tls && {
    ca_file: options.tls.ca,
    cert_file: options.tls.cert,
    key_file: options.tls.key,
    verify: true,
  };
  return {
    server_name: name,
    host,
    port,
    // Any free port; the server writes down which.
    http: `${options.enter ? host : LOOPBACK}:-1`,
    ports_file_dir: ports,
    max_payload: options.maxPayloadBytes ?? PAYLOAD_BYTES_MAX,
    jetstream: {
      store_dir: options.storeDirectory ?? options.directory,
      ...(syncAlways && { sync_interval: 'always' }),
      max_file_store: jetstream.fileBytesMax ?? FILE_BYTES_MAX,
      ...(jetstream.memoryBytesMax !== undefined && { max_memory_store: jetstream.memoryBytesMax }),
    },
    ...(tls && { tls }),
    ...(cluster && {
      cluster: {
        name: cluster.name,
        host,
        port: cluster.port,
        routes: cluster.peers.map(peer => `nats-route://${peer.host ?? LOOPBACK}:${peer.port}`),
        ...(tls && { tls }),
      },
    }),
  };
}

/** Undefined as long as the server has not written it. */
async function readMonitorUrl(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return (JSON.parse(text) as { readonly monitoring?: readonly string[] }).monitoring?.[0];
  } catch {
    // Not there, or not whole yet.
    return undefined;
  }
}
