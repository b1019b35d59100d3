import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Where a running Lambent can be reached, left in its data directory for `lambent invoke`, `logs` and scripts.
 * It is there, whole, from the moment everything listens until closing begins.
 */
export interface Endpoint {
  /** Of the AWS API, where this process serves it: `http://127.0.0.1:9000`. */
  readonly url?: string;
  /** Of invoking over gRPC, likewise: `grpc://127.0.0.1:9090`. */
  readonly grpcUrl?: string;
  readonly adminUrl: string;
  /** Of a member of a cluster: what it is, who, and where its link is reached. */
  readonly role?: string;
  readonly id?: string;
  readonly address?: string;
  /** Of the process to signal. */
  readonly pid: number;
  readonly version: string;
}

const NAME = 'endpoint.json';

/** Removes the file when disposed. */
export async function writeEndpointFile(directory: string, endpoint: Endpoint): Promise<AsyncDisposable> {
  const path = join(directory, NAME);
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(endpoint)}\n`);
  await rename(draft, path);
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
}

/** Undefined when there is none, it is not whole, or whoever wrote it no longer lives: a crash leaves it behind. */
export async function readEndpointFile(directory: string): Promise<Endpoint | undefined> {
  let endpoint: Endpoint;
  try {
    endpoint = JSON.parse(await readFile(join(directory, NAME), 'utf8'));
  } catch {
    // A file that is not there and one that is no endpoint mean the same to the reader: nobody to talk to.
    return undefined;
  }
  return isAlive(endpoint.pid) ? endpoint : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to somebody else.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
