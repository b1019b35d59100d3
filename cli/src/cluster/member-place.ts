import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';

/**
 * The machine's boot and the data directory. Of two processes with one place, the lock on the directory lets only one
 * live: whoever finds its place taken in the registry knows that the other is dead.
 */
export async function memberPlaceOf(dataDirectory: string): Promise<string> {
  const { dev, ino } = await stat(dataDirectory);
  const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => hostname());
  return `${boot.trim()}/${dev}:${ino}`;
}
