import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '@lambent/blobs';
import { fail } from '@lambent/core';
import { inventoryOf } from './inspect-zip.ts';
import { linkTree } from './link-tree.ts';
import { DIRECTORY_MODE, unpackZip } from './unpack-zip.ts';
import { readZipDirectory } from './zip-directory.ts';

export interface CodeCacheOptions {
  /** Its own: whatever is found in it at the start is removed. */
  readonly directory: string;
  readonly blobs: Blobs;
  /** What all unpacked packages may take; one in use is never removed, so at the bound a start is refused. */
  readonly maxBytes: number;
  /** What one package may unpack to; AWS's own when left out. */
  readonly unzippedBytesMax?: number;
}

/** A ZIP in Blobs, as the registry knows it. */
export interface CodePackage {
  readonly digest: string;
  readonly bytes: number;
}

/** A package that stays where it is until this is disposed. */
export interface UnpackedCode extends Disposable {
  /** It is there at once, so that it can be mounted while it is filled. */
  readonly directory: string;
  /**
   * Resolves when all of the package is in it, as it should be; only then may anybody look. Rejects with `code-missing`,
   * `code-corrupt`, `code-invalid`, `code-too-large`, or `environment-failed` when everything that fills the cache is in use.
   */
  readonly whole: Promise<void>;
}

/**
 * The code packages unpacked on this worker, each once, under its digest, and what is put together of them.
 *
 * A package is verified against its digest before anything of it is written, and what could not be written whole is
 * gone before its digest is asked for again. Nothing of an earlier run is trusted, so opening begins with an empty directory. Packages nobody uses go, the
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
    return [...this.#packages]
      .filter(([name, known]) => known.isWhole && !name.startsWith(STACK))
      .map(([digest]) => digest);
  }

  /** Rejects when there can be no directory. */
  acquire({ digest, bytes }: CodePackage): Promise<UnpackedCode> {
    return this.#acquire(digest, known => this.#unpack(digest, bytes, known));
  }

  /** Packages in one directory, later ones over earlier ones: each stack once, whoever uses it. */
  acquireStack(packages: readonly CodePackage[]): Promise<UnpackedCode> {
    const [first, ...others] = packages;
    if (first && others.length === 0) return this.acquire(first);
    const name = nameOfStack(packages);
    return this.#acquire(name, known => this.#stack(name, packages, known));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled([...this.#packages.values()].map(known => known.whole));
    for (const name of [...this.#packages.keys()]) {
      this.#packages.delete(name);
      await remove(this.#placeOf(name));
    }
  }

  async #acquire(name: string, fill: Fill): Promise<UnpackedCode> {
    const known = this.#packages.get(name) ?? this.#begin(name, fill);
    this.#touch(name, known);
    known.users += 1;
    try {
      await known.placed;
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
    return { directory: this.#placeOf(name), whole: known.whole, [Symbol.dispose]: release };
  }

  #begin(name: string, fill: Fill): Package {
    const placed = this.#place(name);
    const known: Package = { users: 0, bytes: 0, isWhole: false, placed, whole: placed };
    known.whole = fill(known).catch(async (error: unknown) => {
      await this.#abandon(name, known);
      throw error;
    });
    // Whoever was given it learns of it; there may be nobody.
    known.whole.catch(() => {});
    this.#packages.set(name, known);
    return known;
  }

  async #place(digest: string): Promise<void> {
    await mkdir(this.#placeOf(digest));
    await chmod(this.#placeOf(digest), DIRECTORY_MODE);
  }

  async #unpack(digest: string, bytes: number, known: Package): Promise<void> {
    const [zip] = await Promise.all([this.#fetch(digest, bytes), known.placed]);
    const directory = await readZipDirectory(zip, this.#options.unzippedBytesMax);
    await this.#makeRoom(inventoryOf(directory).unzippedBytes, known);
    await unpackZip(directory, this.#placeOf(digest));
    known.isWhole = true;
  }

  /** Of links to the files of its packages, which then need not be held: it counts as if it had files of its own. */
  async #stack(name: string, packages: readonly CodePackage[], known: Package): Promise<void> {
    using held = new DisposableStack();
    const parts: UnpackedCode[] = [];
    for (const one of packages) parts.push(held.use(await this.acquire(one)));
    await Promise.all([known.placed, ...parts.map(({ whole }) => whole)]);
    const bytes = packages.reduce((sum, { digest }) => sum + (this.#packages.get(digest)?.bytes ?? 0), 0);
    await this.#makeRoom(bytes, known);
    for (const { directory } of parts) await linkTree(directory, this.#placeOf(name));
    known.isWhole = true;
  }

  /** Whoever asks next tries anew: the blob may have arrived, or room may have come free. */
  async #abandon(digest: string, known: Package): Promise<void> {
    const aside = this.#besidePath();
    await known.placed.then(() => rename(this.#placeOf(digest), aside)).catch(() => {});
    this.#packages.delete(digest);
    this.#bytes -= known.bytes;
    await remove(aside);
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
    const { maxBytes } = this.#options;
    const leaving: string[] = [];
    for (const [digest, other] of this.#packages) {
      if (this.#bytes + bytes <= maxBytes) break;
      if (other.users > 0 || !other.isWhole) continue;
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
        await rename(this.#placeOf(digest), path);
        return path;
      }),
    );
    for (const path of aside) await remove(path);
  }

  #placeOf(digest: string): string {
    return join(this.#options.directory, digest);
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

/** Makes what is in its directory; resolves when it is whole. */
type Fill = (known: Package) => Promise<void>;

interface Package {
  users: number;
  bytes: number;
  isWhole: boolean;
  readonly placed: Promise<void>;
  whole: Promise<void>;
}

function remove(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

function nameOfStack(packages: readonly CodePackage[]): string {
  const digests = packages.map(({ digest }) => digest).join(' ');
  return STACK + createHash('sha256').update(digests).digest('hex');
}

/** No digest begins with it. */
const STACK = 'stack-';
/** What stands beside the packages, about to be removed; a digest never begins with a dot. */
const BESIDE = '.beside-';
