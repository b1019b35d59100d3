import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '@lambent/core';

const FILE = 'member-id';
/** Of random bytes: a cluster of a few hundred members never sees one twice. */
const BYTES = 6;

/** Who the member of this data directory is: made once, the same over restarts. */
export async function memberIdOf(
  dataDirectory: string,
  options: { readonly role: string; readonly random: Random },
): Promise<string> {
  const path = join(dataDirectory, FILE);
  const kept = (await readFile(path, 'utf8').catch(ignoreMissing))?.trim();
  if (kept) return kept;
  const id = `${options.role}-${Buffer.from(options.random.bytes(BYTES)).toString('hex')}`;
  const draft = `${path}.draft`;
  await writeFile(draft, `${id}\n`);
  await rename(draft, path);
  return id;
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
