import { mkdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface NewFile {
  readonly name: string;
  readonly text: string;
  /** Readable by its owner only. */
  readonly secret: boolean;
}

/**
 * Puts files into a directory in place of earlier ones, in this order, each whole or not at all and never missing.
 * All are on the disk before the first takes its place; who reads between two of these steps finds some old and some
 * new, and so does who reads after a crash there, until they are written again.
 */
export async function replaceFiles(directory: string, files: readonly NewFile[]): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const next = ({ name }: NewFile) => path.join(directory, `.${name}.next`);
  for (const file of files)
    await writeFile(next(file), file.text, { mode: file.secret ? 0o600 : 0o644, flush: true });
  for (const file of files) await rename(next(file), path.join(directory, file.name));
}
