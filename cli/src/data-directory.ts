import { createHash } from 'node:crypto';
import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fail } from '@lambent/core';

/** Functions' variables may be secret, so nobody but the owner reads anything below it. */
const MODE = 0o700;

const MEANINGS: Readonly<Record<string, string>> = {
  EACCES: 'needs rights that this process does not have',
  EEXIST: 'is not a directory',
  ENOENT: 'is below something that holds no other directories',
  ENOTDIR: 'is below something that is not a directory',
  EROFS: 'is in a file system that can only be read',
};

/** Makes the data directory if it is not there and gives its one true path; `config-invalid` when it is unusable. */
export async function openDataDirectory(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    await makeDirectory(absolute);
    await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(absolute);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = MEANINGS[code ?? ''] ?? `cannot be used (${code})`;
    throw fail('config-invalid', { name: '--data', detail: `${absolute} ${problem}` }, { cause });
  }
}

/**
 * With those above it that are missing. Node's own way there is refused for the wrong reason where nothing can be
 * written, and tries for ever where a file system makes no directories.
 */
async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  await makeDirectory(dirname(path));
  await mkdir(path, { mode: MODE }).catch(async error => {
    // Somebody else may just have made it.
    if (!(await isDirectory(path))) throw error;
  });
}

async function isDirectory(path: string): Promise<boolean> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  return found?.isDirectory() ?? false;
}

/** Whose sandboxes a data directory's are, and where: the same for the keeper and what it keeps, at every start. */
export function sandboxPlaceOf(dataDirectory: string): { ownerId: string; runDirectory: string } {
  const digest = createHash('sha256').update(dataDirectory).digest('hex');
  return { ownerId: `up-${digest.slice(0, 12)}`, runDirectory: join(dataDirectory, 'sandboxes') };
}
