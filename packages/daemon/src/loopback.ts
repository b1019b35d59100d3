import { fail } from '@lambent/core';

const LOOPBACK = /^(127(\.\d{1,3}){3}|\[?::1\]?|localhost)$/;

/** Whether only this machine is reached at a host's name or address. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.test(host);
}

/**
 * Fails with `config-invalid` for an address at which nobody would have to identify and that other machines reach.
 * Whoever has been told to allow that does not call it.
 */
export function requireLoopback(setting: string, host: string): void {
  if (isLoopback(host)) return;
  const detail = `${host} can be reached by other machines; --insecure-listen allows it`;
  throw fail('config-invalid', { name: setting, detail });
}
