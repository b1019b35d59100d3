import { createHash } from 'node:crypto';
import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fail } from '@lambent/core';

/** Functions' variables may be secret, so nobody but the owner reads anything below it. */
const MODE = 0o700;

const MEANINGS: Readonly<Record<string, string>> = {
  EEXIST: 'is not a directory',
  ENOTDIR: 'is below something that is not a directory',
};

/** Makes the data directory if it is not there and gives its one true path; `config-invalid` when it is unusable. */
export async function openDataDirectory(path: string): Promise<string> {
  const absolute = resolve(path);
  try {
    await mkdir(absolute, { recursive: true, mode: MODE });
    await access(absolute, constants.R_OK | constants.W_OK | constants.X_OK);
    return await realpath(absolute);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem = MEANINGS[code ?? ''] ?? `cannot be used (${code})`;
    throw fail('config-invalid', { name: '--data', detail: `${absolute} ${problem}` }, { cause });
  }
}

/** Whose sandboxes a data directory's are, and where: the same for the keeper and what it keeps, at every start. */
export function sandboxPlaceOf(dataDirectory: string): { ownerId: string; runDirectory: string } {
  const digest = createHash('sha256').update(dataDirectory).digest('hex');
  return { ownerId: `up-${digest.slice(0, 12)}`, runDirectory: join(dataDirectory, 'sandboxes') };
}
