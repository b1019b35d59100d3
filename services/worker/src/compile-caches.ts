import { createHash } from 'node:crypto';
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { EnvironmentSpec } from '@lambent/contracts';
import type { Logger } from '@lambent/daemon';
import type { CompiledFiles, Runtime } from '@lambent/runtimes';

/** What an environment does about what its runtime compiles. */
export type CompileCache =
  /** It is in this directory. */
  | { readonly kind: 'kept'; readonly directory: string }
  /** The runtime hands it over, and it is kept once the init went well. */
  | { readonly kind: 'wanted'; readonly files: CompiledFiles; readonly keep: () => Promise<void> }
  | { readonly kind: 'none' };

/**
 * What runtimes compiled of functions, so that the next environment need not: kept for each function, package with its
 * layers, and runtime.
 *
 * It is taken between an environment's init and its first event, and mounted read-only from then on, so that no
 * invocation can leave anything behind in it; and never given to another function, whose init might not be trusted.
 * Of each there is one taker at a time. What a runtime hands over is written by nobody but this worker, below names
 * that lead nowhere else. Nothing of an earlier life is trusted.
 */
export class CompileCaches {
  readonly #directory: string | undefined;
  readonly #logger: Logger;
  /** In order of last use, oldest first. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;

  private constructor(directory: string | undefined, logger: Logger) {
    this.#directory = directory;
    this.#logger = logger;
  }

  /** Without a directory nothing is kept. */
  static async open({
    directory,
    logger,
  }: {
    readonly directory: string | undefined;
    readonly logger: Logger;
  }) {
    if (directory === undefined) return new CompileCaches(directory, logger);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    await chmod(directory, DIRECTORY_MODE);
    return new CompileCaches(directory, logger);
  }

  /** For an environment about to start. */
  of(spec: EnvironmentSpec, runtime: Runtime): CompileCache {
    const bytes = spec.layers.reduce((sum, layer) => sum + layer.codeBytes, spec.codeBytes);
    const isSmall = bytes < CODE_BYTES_MIN;
    if (this.#directory === undefined || isSmall || runtime.channel !== 'frames') return { kind: 'none' };
    const name = nameOf(spec, runtime);
    const known = this.#entries.get(name);
    if (known) {
      this.#entries.delete(name);
      this.#entries.set(name, known);
      return known.kept ? { kind: 'kept', directory: this.#placeOf(name) } : { kind: 'none' };
    }
    if (this.#entries.size >= ENTRIES_MAX) this.#forgetOldest();
    const entry: Entry = { kept: false, bytes: 0 };
    this.#entries.set(name, entry);
    const files = new TakenFiles();
    const keep = () => this.#keep(name, entry, files).finally(() => files.forget());
    return { kind: 'wanted', files, keep };
  }

  /** What came to nothing is tried again by the next environment; what is not worth its room is not. */
  async #keep(name: string, entry: Entry, files: TakenFiles): Promise<void> {
    if (!files.whole) return void this.#drop(name, entry);
    if (files.bytes < WORTH_BYTES_MIN) return;
    const beside = this.#placeOf(`${name}.new`);
    try {
      for (const [path, content] of files.all) await write(join(beside, path), content);
      await rename(beside, this.#placeOf(name));
    } catch (err) {
      this.#logger.warn({ err }, 'what was compiled is not kept');
      await rm(beside, { recursive: true, force: true });
      return this.#drop(name, entry);
    }
    entry.kept = true;
    entry.bytes = files.bytes;
    this.#bytes += files.bytes;
    while (this.#bytes > BYTES_MAX) this.#forgetOldest();
  }

  #placeOf(name: string): string {
    return join(this.#directory ?? '', name);
  }

  #forgetOldest(): void {
    for (const [name, entry] of this.#entries) return this.#drop(name, entry);
  }

  /** Environments that read it still have what they read; the others compile. */
  #drop(name: string, entry: Entry): void {
    if (this.#entries.get(name) !== entry) return;
    this.#entries.delete(name);
    this.#bytes -= entry.bytes;
    if (entry.kept)
      rm(this.#placeOf(name), { recursive: true, force: true }).catch((err: unknown) =>
        this.#logger.warn({ err }, 'what was compiled is not removed'),
      );
  }
}

interface Entry {
  kept: boolean;
  bytes: number;
}

/** Gathers what one runtime hands over, as long as it keeps to the bounds. */
class TakenFiles implements CompiledFiles {
  readonly #files = new Map<string, Uint8Array>();
  #bytes = 0;
  #whole: boolean | undefined;

  get all(): ReadonlyMap<string, Uint8Array> {
    return this.#files;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether all of it came, and nothing but it. */
  get whole(): boolean {
    return this.#whole === true;
  }

  /** What was taken is not held in memory as long as its environment lives, and no more of it is. */
  forget(): void {
    this.#whole = false;
    this.#files.clear();
  }

  file(path: string, content: Uint8Array): boolean {
    const fits = this.#files.size < FILES_MAX && this.#bytes + content.length <= ONE_BYTES_MAX;
    if (this.#whole !== undefined || !fits || !isInside(path)) {
      this.forget();
      return false;
    }
    this.#files.set(path, content);
    this.#bytes += content.length;
    return true;
  }

  end(): boolean {
    const first = this.#whole === undefined;
    this.#whole = first;
    return first;
  }
}

/** Of names only, none of which leads up or begins anew. */
function isInside(path: string): boolean {
  const names = path.split('/');
  return (
    names.length <= DEPTH_MAX && names.every(name => /^[^\0]{1,255}$/.test(name) && !/^\.{1,2}$/.test(name))
  );
}

async function write(path: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  await writeFile(path, content, { flag: 'wx', mode: FILE_MODE });
}

/** The same in every life, and unlike any other's. */
function nameOf({ key, codeSha256, layers }: EnvironmentSpec, { identifier, detail }: Runtime): string {
  const code = [codeSha256, ...layers.map(layer => layer.codeSha256)];
  const parts = [key?.functionId ?? '', code, identifier, detail];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

const DIRECTORY_MODE = 0o755;
const FILE_MODE = 0o644;
/** Of all functions, on disk. */
const BYTES_MAX = 1024 * 1024 * 1024;
const ENTRIES_MAX = 10_000;
/** Of one: what a large package of Python compiles to. It is in memory until it is written. */
const ONE_BYTES_MAX = 64 * 1024 * 1024;
const FILES_MAX = 20_000;
/** As deep as packages go, and far from the kernel's bound on a path. */
const DEPTH_MAX = 64;
/** A smaller package is not even asked: handing over takes time of its first call. */
const CODE_BYTES_MIN = 16 * 1024;
/** Less than this is compiled in a millisecond or two, which reading it back takes as well. */
const WORTH_BYTES_MIN = 64 * 1024;
