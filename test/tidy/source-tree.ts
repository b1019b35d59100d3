import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** One text file of the repository, by its path from the root with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Never read: what others wrote, what is made anew, and what only this machine has. */
const SKIPPED = new Set(['node_modules', '.git', '.cache', '.lambent', 'gen']);
/** Larger than any text we write; whatever is larger is data. */
const TEXT_BYTES_MAX = 1 << 20;

/** Every text file below `root`. */
export async function readSourceTree(root: string, folder = ''): Promise<SourceFile[]> {
  const entries = await readdir(path.join(root, folder), { withFileTypes: true });
  const found = await Promise.all(
    entries
      .filter(entry => !SKIPPED.has(entry.name))
      .map(async entry => {
        const name = path.posix.join(folder, entry.name);
        if (entry.isDirectory()) return readSourceTree(root, name);
        if (!entry.isFile()) return [];
        const bytes = await readFile(path.join(root, name));
        const isText = bytes.length <= TEXT_BYTES_MAX && !bytes.includes(0);
        return isText ? [{ path: name, text: bytes.toString('utf8') }] : [];
      }),
  );
  return found.flat();
}
