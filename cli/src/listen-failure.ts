import { fail } from '@lambent/core';

const MEANINGS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process',
  EACCES: 'needs rights that this process does not have',
  EADDRNOTAVAIL: 'is not an address of this machine',
  ENOTFOUND: 'is not the name of an address',
};

const OPTIONS = [
  ['adminPort', '--admin-port'],
  ['grpcPort', '--grpc-port'],
] as const;

/** Where a process listens for people. */
export interface ListenOptions {
  readonly host: string;
  /** What says it: `--host`, if nothing else. */
  readonly hostOption?: string;
  readonly grpcPort?: number;
  readonly adminPort?: number;
}

/** Node's error of a listener that could not open, as the option to change; anything else as it is. */
export function fromListenError(error: unknown, options: ListenOptions): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const { code, port, hostname } = error as NodeJS.ErrnoException & { port?: number; hostname?: string };
  const meaning = MEANINGS[code ?? ''];
  if (meaning === undefined) return error;
  const refuse = (name: string, what: string) =>
    fail('config-invalid', { name, detail: `${what} ${meaning}` }, { cause: error });
  const { host, hostOption = '--host' } = options;
  if (code === 'ENOTFOUND') return refuse(hostOption, hostname ?? host);
  if (code === 'EADDRNOTAVAIL') return refuse(hostOption, host);
  if (port === undefined) return error;
  return refuse(OPTIONS.find(([field]) => options[field] === port)?.[1] ?? '--port', `port ${port}`);
}
