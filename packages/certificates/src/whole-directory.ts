import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface NewFile {
  readonly name: string;
  readonly text: string;
  /** Readable by its owner only. */
  readonly secret: boolean;
}

/**
 * Writes a directory of exactly these files, in place of an earlier one: its files are all old, all new, or, for the
 * moment between two renames, not there. After a crash in that moment the old ones are in `<directory>.before`.
 */
export async function writeWholeDirectory(directory: string, files: readonly NewFile[]): Promise<void> {
  const whole = path.resolve(directory);
  const [next, before] = [`${whole}.next`, `${whole}.before`];
  await mkdir(path.dirname(whole), { recursive: true });
  await rm(next, { recursive: true, force: true });
  await mkdir(next, { mode: 0o700 });
  for (const { name, text, secret } of files) {
    await writeFile(path.join(next, name), text, { mode: secret ? 0o600 : 0o644, flush: true });
  }
  await rm(before, { recursive: true, force: true });
  await rename(whole, before).catch(ignoreMissing);
  await rename(next, whole);
  await rm(before, { recursive: true, force: true });
}

/** The first time there is no earlier one. */
function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
