import { crc32 } from 'node:zlib';
import { fail } from '@lambent/core';
import type { Entry } from 'yauzl';
import { linkStaysInside } from './entry-path.ts';
import { asCodeInvalid, readZipDirectory, type ZipDirectory, type ZipEntry } from './zip-directory.ts';

/** What a sound package holds. */
export interface ZipInventory {
  readonly entries: readonly ZipEntry[];
  readonly unzippedBytes: number;
}

/** Who is given the content of a package, entry by entry in the archive's order. */
export interface ZipSink {
  directory(entry: ZipEntry): Promise<void>;
  /** `content` must be read to its end; its last chunk comes only after size and checksum were found right. */
  file(entry: ZipEntry, content: AsyncIterable<Uint8Array>): Promise<void>;
  /** `target` stays inside the package. */
  link(entry: ZipEntry, target: string): Promise<void>;
}

/**
 * Reads a whole code package and keeps nothing of it. Rejects with `code-too-large`, or with `code-invalid` and
 * what is wrong. Whoever stores a package inspects it first.
 */
export async function inspectZip(bytes: Uint8Array, unzippedBytesMax?: number): Promise<ZipInventory> {
  const directory = await readZipDirectory(bytes, unzippedBytesMax);
  await readContent(directory, DISCARD);
  return inventoryOf(directory);
}

export function inventoryOf({ entries, unzippedBytes }: ZipDirectory): ZipInventory {
  return { entries: entries.map(({ entry }) => entry), unzippedBytes };
}

/** Inflates and checks every entry, handing it to `sink`. What the sink throws is passed on as it is. */
export async function readContent(directory: ZipDirectory, sink: ZipSink): Promise<void> {
  for (const { entry, raw } of directory.entries) {
    if (entry.kind === 'directory') await sink.directory(entry);
    else if (entry.kind === 'file') await sink.file(entry, checkedContent(directory, raw));
    else await sink.link(entry, await readLink(directory, entry, raw));
  }
}

async function readLink(directory: ZipDirectory, entry: ZipEntry, raw: Entry): Promise<string> {
  const chunks = await Array.fromAsync(checkedContent(directory, raw));
  const target = Buffer.concat(chunks).toString('utf8');
  if (!linkStaysInside(entry.path, target))
    throw fail('code-invalid', {
      detail: `the link ${JSON.stringify(entry.path)} points out of the package`,
    });
  return target;
}

/** The reader below stops at the claimed size, so a lie costs no more than was allowed. */
export async function* checkedContent({ zip }: ZipDirectory, raw: Entry): AsyncGenerator<Uint8Array> {
  let checksum = 0;
  let held: Uint8Array | undefined;
  try {
    const stream = await zip.openReadStreamPromise(raw);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      checksum = crc32(chunk, checksum);
      if (held) yield held;
      held = chunk;
    }
  } catch (error) {
    throw asCodeInvalid(error);
  }
  if (checksum !== raw.crc32)
    throw fail('code-invalid', { detail: `${JSON.stringify(raw.fileName)} does not match its checksum` });
  if (held) yield held;
}

const DISCARD: ZipSink = {
  directory: () => Promise.resolve(),
  link: () => Promise.resolve(),
  async file(_entry, content) {
    for await (const _chunk of content);
  },
};
