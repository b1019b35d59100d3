import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** A fixed time, so that the same files are the same package and the same digest. The ZIP format begins in 1980. */
const EPOCH = new Date(1980, 0, 1);

/** The files of a folder as a deployment package. */
export async function zipFolder(folder: string): Promise<Uint8Array> {
  const zip = new ZipFile();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files)
    zip.addFile(file, relative(folder, file).split(sep).join('/'), { mtime: EPOCH, mode: 0o100644 });
  zip.end();
  return buffer(zip.outputStream);
}
