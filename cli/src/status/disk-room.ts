import { statfs } from 'node:fs/promises';

const MIB = 1_024 ** 2;
/** Less than this and NATS, which writes in files of some megabytes, soon refuses what it should make durable. */
const FREE_BYTES_MIN = 256 * MIB;

/** What is wrong with the disk below a directory of this machine; nothing of one that is not there. */
export async function diskTrouble(directory: string): Promise<string | undefined> {
  const disk = await statfs(directory).catch(() => undefined);
  if (!disk) return undefined;
  const free = disk.bavail * disk.bsize;
  if (free >= FREE_BYTES_MIN) return undefined;
  return `its disk has ${Math.floor(free / MIB)} MB left: what is to be durable is refused without room`;
}
