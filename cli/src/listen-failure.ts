import { fail } from '@lambent/core';
import type { UpOptions } from './up-options.ts';

const MEANINGS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another process',
  EACCES: 'needs rights that this process does not have',
  EADDRNOTAVAIL: 'is not an address of this machine',
  ENOTFOUND: 'is not the name of an address',
};

/** Node's error of a listener that could not open, as the option to change; anything else as it is. */
export function fromListenError(error: unknown, options: UpOptions): unknown {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return error;
  const { code, port, hostname } = error as NodeJS.ErrnoException & { port?: number; hostname?: string };
  const meaning = MEANINGS[code ?? ''];
  if (meaning === undefined) return error;
  if (code === 'ENOTFOUND')
    return fail('config-invalid', { name: '--host', detail: `${hostname} ${meaning}` }, { cause: error });
  if (code === 'EADDRNOTAVAIL')
    return fail('config-invalid', { name: '--host', detail: `${options.host} ${meaning}` }, { cause: error });
  if (port === undefined) return error;
  const name = port === options.adminPort ? '--admin-port' : '--port';
  return fail('config-invalid', { name, detail: `port ${port} ${meaning}` }, { cause: error });
}
