import { chmod, mkdir, open, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { readContent, type ZipSink } from './inspect-zip.ts';
import type { ZipDirectory } from './zip-directory.ts';

/**
 * Writes a package below `root`, an empty directory. Everything becomes readable by any user, since a sandbox runs
 * under a uid of its own; nothing is ever set-uid, and nothing but links to the inside is a link.
 */
export async function unpackZip(directory: ZipDirectory, root: string): Promise<void> {
  const made = new Set([root]);
  const sink: ZipSink = {
    directory: entry => makeDirectory(join(root, entry.path), made),
    async file(entry, content) {
      const path = join(root, entry.path);
      await makeDirectory(dirname(path), made);
      await writeFile(path, entry.executable ? EXECUTABLE_MODE : FILE_MODE, content);
    },
    async link(entry, target) {
      const path = join(root, entry.path);
      await makeDirectory(dirname(path), made);
      await symlink(target, path);
    },
  };
  await readContent(directory, sink);
}

/** Makes each missing folder itself, so that the process's umask takes nothing away. */
async function makeDirectory(path: string, made: Set<string>): Promise<void> {
  if (made.has(path)) return;
  await makeDirectory(dirname(path), made);
  await mkdir(path);
  await chmod(path, DIRECTORY_MODE);
  made.add(path);
}

async function writeFile(path: string, mode: number, content: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', mode);
  for await (const chunk of content) await file.write(chunk);
  // What was compiled of it tells by this whether it still is the same.
  await file.utimes(UNPACKED_SECONDS, UNPACKED_SECONDS);
  await file.chmod(mode);
}

/** Where a ZIP's own times begin: 1980. */
const UNPACKED_SECONDS = 315_532_800;
export const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o644;
const EXECUTABLE_MODE = 0o755;
