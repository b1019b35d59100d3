import { createHash, webcrypto } from 'node:crypto';
import { type FileHandle, mkdir, open, opendir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fail } from '@lambent/core';
import type { BlobInfo, Blobs, StoredBlob } from './blobs.ts';
import { isAbsent, storageFailed } from './storage-failed.ts';

/** A blob's name is its digest and nothing else: no other text ever becomes a path. */
const DIGEST = /^[0-9a-f]{64}$/;
/** Half-written blobs, on the same file system as the whole ones. Nothing in it survives an opening. */
const INCOMING = 'incoming';
/** Code may hold secrets: only the owner reads it. */
const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;
/** Twice this is what one reader holds in memory; large enough that the calls do not show. */
const CHUNK_BYTES = 256 * 1024;

/**
 * Blobs as files named by their digest. A blob is written aside, flushed, and only then given its name, and the
 * name is flushed too: what is there is whole. Its age is its file's. One process at a time may have the directory
 * open; within it a name is given or taken by one at a time.
 */
export class DirectoryBlobs implements Blobs {
  readonly #directory: string;
  /** By digest, the end of the last change to its name; none where nothing is under way. */
  readonly #turns = new Map<string, Promise<void>>();
  #puts = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open({ directory }: { directory: string }): Promise<DirectoryBlobs> {
    const incoming = join(directory, INCOMING);
    try {
      await rm(incoming, { recursive: true, force: true });
      await mkdir(incoming, { recursive: true, mode: DIRECTORY_MODE });
      await flushDirectory(directory);
    } catch (error) {
      throw storageFailed(error);
    }
    return new DirectoryBlobs(directory);
  }

  /** Writes even what is there already: a blob that went bad on the disk is whole again. */
  async put(bytes: Uint8Array): Promise<BlobInfo> {
    // Off this thread, since a package may have 50 MB; and on a copy, since the caller may go on writing to its own.
    const copy = new Uint8Array(bytes);
    const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', copy)).toString('hex');
    this.#puts += 1;
    const aside = join(this.#directory, INCOMING, `${this.#puts}`);
    try {
      await writeFlushed(aside, copy);
      await this.#inTurn(digest, () => rename(aside, join(this.#directory, digest)));
      await flushDirectory(this.#directory);
    } catch (error) {
      // What is left of it does no harm and goes with the next opening.
      await rm(aside, { force: true }).catch(() => {});
      throw storageFailed(error);
    }
    return { digest, bytes: copy.byteLength };
  }

  async *read(digest: string): AsyncGenerator<Uint8Array, void, void> {
    try {
      await using file = await this.#open(digest);
      const hash = createHash('sha256');
      let held: Uint8Array | undefined;
      for (let chunk = await readChunk(file); chunk; chunk = await readChunk(file)) {
        hash.update(chunk);
        if (held) yield held;
        held = chunk;
      }
      if (hash.digest('hex') !== digest) throw fail('code-corrupt', { digest });
      if (held) yield held;
    } catch (error) {
      throw storageFailed(error);
    }
  }

  async stat(digest: string): Promise<BlobInfo | undefined> {
    const stored = await this.#find(digest);
    return stored && { digest, bytes: stored.bytes };
  }

  async *list(): AsyncGenerator<StoredBlob, void, void> {
    try {
      for await (const { name } of await opendir(this.#directory)) {
        const stored = await this.#find(name);
        if (stored) yield stored;
      }
    } catch (error) {
      throw storageFailed(error);
    }
  }

  async delete(digest: string, { storedBeforeMs }: { readonly storedBeforeMs: number }): Promise<boolean> {
    try {
      return await this.#inTurn(digest, async () => {
        const stored = await this.#find(digest);
        if (!stored || stored.storedAtMs >= storedBeforeMs) return false;
        // Not flushed: a name that a crash brings back is of whole bytes that nobody needs, and is deleted again.
        await unlink(join(this.#directory, digest));
        return true;
      });
    } catch (error) {
      throw storageFailed(error);
    }
  }

  /** The file system's, as it stamps its files. */
  async nowMs(): Promise<number> {
    const file = join(this.#directory, INCOMING, 'now');
    try {
      await writeFile(file, '');
      return (await stat(file)).mtimeMs;
    } catch (error) {
      throw storageFailed(error);
    }
  }

  /** Undefined: there is none, or the text is no digest. */
  async #find(digest: string): Promise<StoredBlob | undefined> {
    if (!DIGEST.test(digest)) return undefined;
    try {
      const { size, mtimeMs } = await stat(join(this.#directory, digest));
      return { digest, bytes: size, storedAtMs: mtimeMs };
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw storageFailed(error);
    }
  }

  /** After whatever is under way with this digest's name. */
  async #inTurn<T>(digest: string, act: () => Promise<T>): Promise<T> {
    const turn = (this.#turns.get(digest) ?? Promise.resolve()).then(act);
    const ended = turn.then(
      () => {},
      // Whoever's turn it was is told; the next one's does not depend on it.
      () => {},
    );
    this.#turns.set(digest, ended);
    try {
      return await turn;
    } finally {
      if (this.#turns.get(digest) === ended) this.#turns.delete(digest);
    }
  }

  async #open(digest: string): Promise<FileHandle> {
    if (!DIGEST.test(digest)) throw fail('code-missing', { digest });
    try {
      return await open(join(this.#directory, digest));
    } catch (error) {
      if (isAbsent(error)) throw fail('code-missing', { digest }, { cause: error });
      throw error;
    }
  }
}

/** Undefined at the end. */
async function readChunk(file: FileHandle): Promise<Uint8Array | undefined> {
  const { bytesRead, buffer } = await file.read(new Uint8Array(CHUNK_BYTES));
  return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead);
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  await using file = await open(path, 'wx', FILE_MODE);
  await file.writeFile(bytes);
  await file.sync();
}

/** A new name in a directory is durable only after this. */
async function flushDirectory(path: string): Promise<void> {
  await using directory = await open(path);
  await directory.sync();
}
