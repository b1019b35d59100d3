import { AWS_QUOTAS, fail, isFailure, type LambentError } from '@lambent/core';
import { type Entry, fromBufferPromise, type ZipFile } from 'yauzl';
import { entryPath } from './entry-path.ts';
import { ZIP_BOUNDS } from './zip-bounds.ts';

/** One entry as the central directory tells of it, checked. Its content is checked only by reading it. */
export interface ZipEntry {
  /** Below the root; never empty, absolute, or with `.` or `..`. */
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'link';
  readonly executable: boolean;
  readonly bytes: number;
}

export interface ZipDirectory {
  readonly zip: ZipFile;
  readonly entries: readonly { readonly entry: ZipEntry; readonly raw: Entry }[];
  readonly unzippedBytes: number;
}

/**
 * Reads a ZIP's directory and refuses what is malformed or hostile, as far as that shows without inflating:
 * paths, duplicates, files that are also folders, overlaps, encryption, unknown compression, counts, claimed sizes.
 */
export async function readZipDirectory(
  bytes: Uint8Array,
  unzippedBytesMax = AWS_QUOTAS.codeUnzippedBytes,
): Promise<ZipDirectory> {
  try {
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const zip = await fromBufferPromise(buffer, { strictFileNames: true });
    return await readEntries(zip, buffer, unzippedBytesMax);
  } catch (error) {
    throw asCodeInvalid(error);
  }
}

/** What the ZIP reader throws says what is wrong with the package, whoever sent it. */
export function asCodeInvalid(error: unknown): LambentError {
  if (isFailure(error)) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return fail('code-invalid', { detail }, { cause: error });
}

async function readEntries(zip: ZipFile, buffer: Buffer, unzippedBytesMax: number): Promise<ZipDirectory> {
  if (zip.entryCount > ZIP_BOUNDS.entries) throw invalid(`it holds more than ${ZIP_BOUNDS.entries} entries`);
  // The types call the cursor a boolean; it is the offset of the next entry of the directory.
  const directoryStart = Number(zip.readEntryCursor);
  const entries: { entry: ZipEntry; raw: Entry }[] = [];
  const extents: Extent[] = [];
  const sizes = new SizeCheck(unzippedBytesMax);
  for await (const raw of zip.eachEntry()) {
    const entry = checkEntry(raw);
    sizes.add(raw);
    extents.push(await readExtent(zip, raw));
    if (entry.path !== '') entries.push({ entry, raw });
  }
  const directoryEnd = Number(zip.readEntryCursor);
  if (directoryEnd + 4 <= buffer.length && buffer.readUInt32LE(directoryEnd) === CENTRAL_SIGNATURE)
    throw invalid('it holds more entries than it says');
  checkTree(entries.map(({ entry }) => entry));
  checkExtents(extents, directoryStart);
  return { zip, entries, unzippedBytes: sizes.unzippedBytes };
}

function checkEntry(raw: Entry): ZipEntry {
  const path = entryPath(raw.fileName);
  const named = JSON.stringify(raw.fileName.slice(0, 200));
  if (raw.isEncrypted()) throw invalid(`${named} is encrypted`);
  if (!raw.canDecodeFileData())
    throw invalid(`${named} is compressed by an unknown method, ${raw.compressionMethod}`);
  const mode = raw.versionMadeBy >>> 8 === MADE_BY_UNIX ? raw.externalFileAttributes >>> 16 : 0;
  const kind = kindOf(mode, raw.fileName);
  if (kind === undefined) throw invalid(`${named} is neither a file, a folder nor a link`);
  if (kind === 'directory' && raw.uncompressedSize > 0) throw invalid(`the folder ${named} has content`);
  if (kind === 'link' && raw.uncompressedSize > ZIP_BOUNDS.linkTargetBytes)
    throw invalid(`the link ${named} has too long a target`);
  if (kind !== 'directory' && path === '') throw invalid(`${named} names no file`);
  return {
    path,
    kind,
    executable: kind === 'file' && (mode & ANY_EXECUTE) !== 0,
    bytes: raw.uncompressedSize,
  };
}

/** A trailing slash means a folder whatever the mode says, and a folder's mode without one is taken at its word. */
function kindOf(mode: number, name: string): ZipEntry['kind'] | undefined {
  const type = mode & FILE_TYPE;
  if (name.endsWith('/')) return type === 0 || type === TYPE_DIRECTORY ? 'directory' : undefined;
  if (type === 0 || type === TYPE_FILE) return 'file';
  if (type === TYPE_DIRECTORY) return 'directory';
  return type === TYPE_LINK ? 'link' : undefined;
}

/** Claimed sizes; reading the content proves them. */
class SizeCheck {
  readonly #maxBytes: number;
  #zippedBytes = 0;
  unzippedBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  add(raw: Entry): void {
    this.#zippedBytes += raw.compressedSize;
    this.unzippedBytes += raw.uncompressedSize;
    if (this.unzippedBytes > this.#maxBytes) throw fail('code-too-large', { maxBytes: this.#maxBytes });
    const free = this.unzippedBytes <= ZIP_BOUNDS.ratioFreeBytes;
    if (!free && this.unzippedBytes > this.#zippedBytes * ZIP_BOUNDS.ratio)
      throw invalid(`it unpacks to more than ${ZIP_BOUNDS.ratio} times its size`);
  }
}

/**
 * Each path once, and nothing below a file or a link. A folder may be named again: tools do that. Folders that only
 * stand in a path count too: a few names can ask for millions of them.
 */
function checkTree(entries: readonly ZipEntry[]): void {
  const kinds = new Map<string, ZipEntry['kind']>();
  for (const { path, kind } of entries) {
    const known = kinds.get(path);
    if (known !== undefined && (known !== 'directory' || kind !== 'directory'))
      throw invalid(`${JSON.stringify(path)} is there twice`);
    kinds.set(path, kind);
  }
  for (const { path } of entries) {
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const parent = path.slice(0, end);
      const known = kinds.get(parent);
      // What is above a known folder has been looked at, or will be when that folder's own turn comes.
      if (known === 'directory') break;
      if (known !== undefined) throw invalid(`${JSON.stringify(parent)} is both a file and a folder`);
      kinds.set(parent, 'directory');
      if (kinds.size > ZIP_BOUNDS.entries)
        throw invalid(`it holds more than ${ZIP_BOUNDS.entries} files and folders`);
    }
  }
}

/** Where an entry's header and data lie in the archive. */
interface Extent {
  readonly start: number;
  readonly end: number;
}

/** Also refuses an entry whose own header names another file: readers would disagree on what it is. */
async function readExtent(zip: ZipFile, raw: Entry): Promise<Extent> {
  const local = await zip.readLocalFileHeaderPromise(raw);
  if (!local.fileName.equals(raw.fileNameRaw)) throw invalid(`${JSON.stringify(raw.fileName)} has two names`);
  if (local.compressionMethod !== raw.compressionMethod || (local.generalPurposeBitFlag & 1) !== 0)
    throw invalid(`${JSON.stringify(raw.fileName)} contradicts the directory`);
  return { start: raw.relativeOffsetOfLocalHeader, end: local.fileDataStart + raw.compressedSize };
}

/** Entries that share bytes are how a small archive unpacks to a vast one. */
function checkExtents(extents: Extent[], directoryStart: number): void {
  extents.sort((a, b) => a.start - b.start);
  let reached = 0;
  for (const { start, end } of extents) {
    if (start < reached || end > directoryStart) throw invalid('its entries overlap');
    reached = end;
  }
}

function invalid(detail: string): LambentError {
  return fail('code-invalid', { detail });
}

const CENTRAL_SIGNATURE = 0x02014b50;
const MADE_BY_UNIX = 3;
const FILE_TYPE = 0o170000;
const TYPE_FILE = 0o100000;
const TYPE_DIRECTORY = 0o040000;
const TYPE_LINK = 0o120000;
const ANY_EXECUTE = 0o111;
