import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** File names to contents: what `zip -r` would be given. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** Permissions of a ZIP's files where a test does not care: a plain readable file. */
const PLAIN_MODE = 0o100644;
/** One fixed moment, so that equal files make equal bytes and so equal digests. */
const MODIFIED = new Date(Date.UTC(2026, 0, 1));

/** A code package. `mode` is for `bootstrap` files, which must be executable. */
export async function zipOf(files: Files, options: { readonly mode?: number } = {}): Promise<Uint8Array> {
  const zip = new ZipFile();
  const metadata = { mtime: MODIFIED, mode: options.mode ?? PLAIN_MODE, forceDosTimestamp: true };
  for (const [name, content] of Object.entries(files)) zip.addBuffer(Buffer.from(content), name, metadata);
  zip.end();
  return buffer(zip.outputStream);
}
