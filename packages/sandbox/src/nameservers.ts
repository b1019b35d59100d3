import { readFile } from 'node:fs/promises';
import { isIPv4 } from 'node:net';

/** Where systemd-resolved keeps the servers that stand behind its own, which only the host can reach. */
const FILES = ['/etc/resolv.conf', '/run/systemd/resolve/resolv.conf'];

/** The name servers of the host that a sandbox can reach: not those on its loopback. */
export async function readNameservers(): Promise<string[]> {
  for (const file of FILES) {
    const usable = usableNameservers(await readFile(file, 'utf8').catch(() => ''));
    if (usable.length > 0) return usable;
  }
  return [];
}

export function usableNameservers(resolvConf: string): string[] {
  const addresses = [...resolvConf.matchAll(/^nameserver\s+(\S+)/gm)].map(([, address]) => address ?? '');
  return addresses.filter(address => isIPv4(address) && !address.startsWith('127.'));
}
