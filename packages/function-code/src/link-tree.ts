import { chmod, link, lstat, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DIRECTORY_MODE } from './unpack-zip.ts';

/**
 * Makes the folders that are below `from` below `to` as well, with links to the very files, symbolic ones too: nothing
 * is copied, so both may only be read from then on. What stands there already under the name of a file goes, and so
 * does a file under the name of a folder.
 */
export async function linkTree(from: string, to: string): Promise<void> {
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) {
      await makeDirectory(target);
      await linkTree(source, target);
    } else await replacing(target, () => link(source, target));
  }
}

async function makeDirectory(path: string): Promise<void> {
  // Asked without following links: what one leads to is not to be written to.
  if ((await lstat(path).catch(() => undefined))?.isDirectory()) return;
  await replacing(path, () => mkdir(path));
  await chmod(path, DIRECTORY_MODE);
}

/** Most often nothing is in the way. */
async function replacing(path: string, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    await rm(path, { recursive: true });
    await make();
  }
}
