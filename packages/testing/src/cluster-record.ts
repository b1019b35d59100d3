import { readFile } from 'node:fs/promises';
import path from 'node:path';

/** One process of a cluster, as `cluster.json` tells of it. */
export interface PartRecord {
  readonly id: string;
  readonly data: string;
  /** Of the process to signal; there while it serves. */
  readonly pid?: number;
  /** Of an engine. */
  readonly kind?: 'etcd' | 'nats';
  readonly url?: string;
  readonly monitorUrl?: string;
  /** Of a member. */
  readonly role?: string;
  readonly api?: string;
  readonly grpc?: string;
  readonly admin?: string;
  readonly address?: string;
}

/** What `lambent cluster` tells of itself in its data directory. */
export interface ClusterRecord {
  readonly name: string;
  readonly supervisorPid: number;
  /** Of each stream of the broker. */
  readonly replicas: number;
  /** The directory of a client's certificate, where there are certificates. */
  readonly operator?: string;
  readonly engines: readonly PartRecord[];
  readonly members: readonly PartRecord[];
}

export async function readClusterRecord(dataDirectory: string): Promise<ClusterRecord> {
  return JSON.parse(await readFile(path.join(dataDirectory, 'cluster.json'), 'utf8')) as ClusterRecord;
}
