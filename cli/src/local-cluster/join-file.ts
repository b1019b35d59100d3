import { readFile, rename, writeFile } from 'node:fs/promises';
import { readMaterial } from '@lambent/certificates';
import { type Clock, fail, type TlsMaterial } from '@lambent/core';
import type { ClusterPlan } from './cluster-plan.ts';

/** What a worker on another machine needs to belong to a cluster. Whoever has it can be a worker. */
export interface JoinFile {
  readonly cluster: string;
  /** `host:port`, as other machines reach them. */
  readonly etcd: readonly string[];
  readonly nats: readonly string[];
  readonly replicas: number;
  /** What NATS is known to run with; its monitoring port is not for other machines. */
  readonly natsSync?: 'always' | 'unknown';
  readonly tls: TlsMaterial;
}

/** Nobody but its owner: it holds a key. */
const MODE = 0o600;

export async function writeJoinFile(
  path: string,
  plan: ClusterPlan,
  certificates: string,
  { clock }: { readonly clock: Clock },
): Promise<void> {
  const serversOf = (kind: string) =>
    plan.engines.filter(engine => engine.kind === kind).map(({ url }) => new URL(url).host);
  await saveJoinFile(path, {
    cluster: plan.name,
    etcd: serversOf('etcd'),
    nats: serversOf('nats'),
    replicas: plan.replicas,
    natsSync: 'always',
    tls: await readMaterial(certificates, { clock }),
  });
}

/** All of it or nothing, in place of an earlier one. */
export async function saveJoinFile(path: string, file: JoinFile): Promise<void> {
  const draft = `${path}.draft`;
  await writeFile(draft, `${JSON.stringify(file, undefined, 2)}\n`, { mode: MODE });
  await rename(draft, path);
}

/** Rejects with `config-invalid` for what is no such file. */
export async function readJoinFile(path: string): Promise<JoinFile> {
  const refuse = (detail: string, cause?: unknown) =>
    fail('config-invalid', { name: '--join', detail: `${path} ${detail}` }, { cause });
  const text = await readFile(path, 'utf8').catch(cause => {
    throw refuse(`cannot be read (${(cause as NodeJS.ErrnoException).code})`, cause);
  });
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw refuse('is not what `lambent cluster` writes to join.json', cause);
  }
  if (!isJoinFile(file)) throw refuse('is not what `lambent cluster` writes to join.json');
  return file;
}

function isJoinFile(value: unknown): value is JoinFile {
  if (typeof value !== 'object' || value === null) return false;
  const { cluster, etcd, nats, replicas, natsSync, tls } = value as Partial<Record<keyof JoinFile, unknown>>;
  const { ca, certificate, privateKey } = (tls ?? {}) as Partial<Record<keyof TlsMaterial, unknown>>;
  return (
    [cluster, ca, certificate, privateKey].every(text => typeof text === 'string') &&
    [etcd, nats].every(servers => Array.isArray(servers) && servers.length > 0) &&
    typeof replicas === 'number' &&
    [undefined, 'always', 'unknown'].some(sync => sync === natsSync)
  );
}
