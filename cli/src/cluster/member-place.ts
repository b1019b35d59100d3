import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { placeText } from '@lambent/membership';

/** Where a member with that data directory lives. */
export async function memberPlaceOf(dataDirectory: string): Promise<string> {
  const { dev, ino } = await stat(dataDirectory);
  const boot = await textOf('/proc/sys/kernel/random/boot_id');
  const id = await textOf('/etc/machine-id');
  return placeText({
    // Copies of one image may share the id, rarely the name as well. Without an id a boot is a machine of its own.
    machine: `${MACHINE_ID.test(id) ? id : boot} ${hostname()}`,
    boot,
    directory: `${dev}:${ino}`,
  });
}

function textOf(file: string): Promise<string> {
  return readFile(file, 'utf8').then(
    text => text.trim(),
    () => '',
  );
}

/** Images that were never booted have none, or the word that they were not. */
const MACHINE_ID = /^[\da-f]{32}$/;
