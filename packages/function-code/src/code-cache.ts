import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '@lambent/blobs';
import { fail } from '@lambent/core';
import { inventoryOf } from './inspect-zip.ts';
import { DIRECTORY_MODE, unpackZip } from './unpack-zip.ts';
import { readZipDirectory } from './zip-directory.ts';

export interface CodeCacheOptions {
  /** Its own: whatever is found in it at the start is removed. */
  readonly directory: string;
  readonly blobs: Blobs;
  /** What all unpacked packages may take; one in use is never removed, so at the bound a start is refused. */
  readonly maxBytes: number;
}

/** A package that stays where it is until this is disposed. */
export interface UnpackedCode extends Disposable {
  readonly directory: string;
}

/**
 * The code packages unpacked on this worker, each once, under its digest.
 *
 * A package appears under its name only whole: it is verified against its digest, unpacked beside, then renamed.
 * Nothing of an earlier run is trusted, so opening begins with an empty directory. Packages nobody uses go, the
 * longest unused first, when a new one needs their room.
 */
export class CodeCache implements AsyncDisposable {
  readonly #options: CodeCacheOptions;
  /** In order of last use, oldest first. */
  readonly #packages = new Map<string, Package>();
  #bytes = 0;
  #besides = 0;

  private constructor(options: CodeCacheOptions) {
    this.#options = options;
  }

  static async open(options: CodeCacheOptions): Promise<CodeCache> {
    await mkdir(options.directory, { recursive: true });
    await chmod(options.directory, DIRECTORY_MODE);
    const leftovers = await readdir(options.directory);
    for (const name of leftovers) await remove(join(options.directory, name));
    return new CodeCache(options);
  }

  /** Digests of what is unpacked. */
  get digests(): readonly string[] {
    return [...this.#packages].filter(([, known]) => known.published).map(([digest]) => digest);
  }

  /**
   * Rejects with `code-missing`, `code-corrupt`, `code-invalid`, `code-too-large`, or `environment-failed` when
   * everything that fills the cache is in use. `bytes` is the package's size as the registry knows it.
   */
  async acquire(digest: string, bytes: number): Promise<UnpackedCode> {
    const known = this.#packages.get(digest) ?? this.#begin(digest, bytes);
    this.#touch(digest, known);
    known.users += 1;
    try {
      await known.ready;
    } catch (error) {
      known.users -= 1;
      throw error;
    }
    let held = true;
    const release = () => {
      if (!held) return;
      held = false;
      known.users -= 1;
    };
    return { directory: join(this.#options.directory, digest), [Symbol.dispose]: release };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#packages.values()].map(known => known.ready));
    for (const digest of [...this.#packages.keys()]) {
      this.#packages.delete(digest);
      await remove(join(this.#options.directory, digest));
    }
  }

  #begin(digest: string, bytes: number): Package {
    const known: Package = { users: 0, bytes: 0, published: false, ready: Promise.resolve() };
    known.ready = this.#unpack(digest, bytes, known).catch((error: unknown) => {
      // Whoever asks next tries anew: the blob may have arrived, or room may have come free.
      this.#packages.delete(digest);
      this.#bytes -= known.bytes;
      throw error;
    });
    this.#packages.set(digest, known);
    return known;
  }

  async #unpack(digest: string, bytes: number, known: Package): Promise<void> {
    const zip = await this.#fetch(digest, bytes);
    const directory = await readZipDirectory(zip);
    await this.#makeRoom(inventoryOf(directory).unzippedBytes, known);
    const beside = this.#besidePath();
    try {
      await mkdir(beside);
      await chmod(beside, DIRECTORY_MODE);
      await unpackZip(directory, beside);
      await rename(beside, join(this.#options.directory, digest));
      known.published = true;
    } catch (error) {
      await remove(beside);
      throw error;
    }
  }

  /** The bytes of exactly that digest; checked here too, since they are about to run. */
  async #fetch(digest: string, bytes: number): Promise<Buffer> {
    const hash = createHash('sha256');
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this.#options.blobs.read(digest)) {
      length += chunk.byteLength;
      if (length > bytes) throw fail('code-corrupt', { digest });
      hash.update(chunk);
      chunks.push(chunk);
    }
    if (length !== bytes || hash.digest('hex') !== digest) throw fail('code-corrupt', { digest });
    return Buffer.concat(chunks);
  }

  /** Takes `bytes` of the bound for `known`, removing unused packages first. */
  async #makeRoom(bytes: number, known: Package): Promise<void> {
    const { maxBytes, directory } = this.#options;
    const leaving: string[] = [];
    for (const [digest, other] of this.#packages) {
      if (this.#bytes + bytes <= maxBytes) break;
      if (other.users > 0 || !other.published) continue;
      this.#packages.delete(digest);
      this.#bytes -= other.bytes;
      leaving.push(digest);
    }
    if (this.#bytes + bytes > maxBytes)
      throw fail('environment-failed', { detail: `the code in use fills the cache of ${maxBytes} bytes` });
    known.bytes = bytes;
    this.#bytes += bytes;
    // All are renamed before anything is removed, so that the same digest can be unpacked again meanwhile.
    const aside = await Promise.all(
      leaving.map(async digest => {
        const path = this.#besidePath();
        await rename(join(directory, digest), path);
        return path;
      }),
    );
    for (const path of aside) await remove(path);
  }

  #besidePath(): string {
    this.#besides += 1;
    return join(this.#options.directory, `${BESIDE}${this.#besides}`);
  }

  #touch(digest: string, known: Package): void {
    this.#packages.delete(digest);
    this.#packages.set(digest, known);
  }
}

interface Package {
  users: number;
  bytes: number;
  published: boolean;
  ready: Promise<void>;
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

/** What stands beside the published packages; a digest never begins with a dot. */
const BESIDE = '.beside-';
