import { mkdir, readFile, rmdir } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@lambent/core';
import { runOnHost } from './host-command.ts';
import { MountShell } from './mount-shell.ts';
import { BYTES_PER_MB } from './sandbox-starter.ts';

/**
 * Mounts that appear in sandboxes which run already, where the worker is root.
 *
 * The kernel passes a mount on to every copy of the mount it was made on, if that one is shared: so each sandbox gets
 * directories of one shared mount at the inside paths that are to be filled later. A sandbox sees only what is mounted
 * on its own directories, and cannot mount, nor pass anything back.
 */
export class LateMounts implements AsyncDisposable {
  readonly #directory: string;
  readonly #shell: MountShell;
  /** Host directory → the same, read-only: a bind of what is below is read-only from its first moment. */
  readonly #views = new Map<string, Promise<string>>();

  private constructor(directory: string, clock: Clock) {
    this.#directory = directory;
    this.#shell = new MountShell(clock);
  }

  /** Rejects where this process may not mount. */
  static async open(directory: string, clock: Clock): Promise<LateMounts> {
    await mkdir(directory, { recursive: true, mode: 0o755 });
    await sh('mount --bind "$1" "$1"; mount --make-private "$1"; mount --make-shared "$1"', directory);
    return new LateMounts(directory, clock);
  }

  /** The directories of one sandbox: one for each inside path, and its /tmp. */
  async reserve(id: string, insidePaths: readonly string[], tmpMb: number): Promise<LateDirectories> {
    const own = path.join(this.#directory, id);
    const places = new Map(insidePaths.map((inside, index) => [inside, path.join(own, String(index))]));
    const tmp = path.join(own, 'tmp');
    const made = [own, ...[...places.values()].flatMap(place => [place, librariesOf(place)]), tmp];
    for (const directory of made) await mkdir(directory, { mode: 0o755 });
    const viewOf = (source: string) => this.#viewOf(source);
    const reserved = new LateDirectories({ own, places, tmp, viewOf, shell: this.#shell });
    try {
      await runOnHost(['mount', '-t', 'tmpfs', '-o', `${TMP_OPTIONS},${sizeOf(tmpMb)}`, 'tmpfs', tmp]);
    } catch (error) {
      await reserved[Symbol.asyncDispose]();
      throw error;
    }
    return reserved;
  }

  /** Only after the last sandbox is gone. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#views.values());
    await this.#shell[Symbol.asyncDispose]();
    await removeMounts(this.#directory);
  }

  async #viewOf(source: string): Promise<string> {
    const parent = path.dirname(source);
    if (!this.#views.has(parent)) this.#views.set(parent, this.#makeView(parent));
    const view = await this.#views.get(parent);
    return path.join(view ?? '', path.basename(source));
  }

  async #makeView(parent: string): Promise<string> {
    if (this.#views.size >= VIEWS_MAX)
      throw new Error(`what is mounted late lies in ${VIEWS_MAX} directories already`);
    const view = path.join(this.#directory, `${VIEW}${this.#views.size}`);
    await mkdir(view);
    await sh(MAKE_VIEW, parent, view);
    return view;
  }
}

interface LateParts {
  readonly own: string;
  readonly places: ReadonlyMap<string, string>;
  readonly tmp: string;
  readonly shell: MountShell;
  readonly viewOf: (source: string) => Promise<string>;
}

/** Of one sandbox; to be disposed of when nothing of it runs any more. */
export class LateDirectories implements AsyncDisposable {
  readonly #parts: LateParts;

  constructor(parts: LateParts) {
    this.#parts = parts;
  }

  /** Inside path → the host directory on which mounts for it are made. */
  get mounts(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#parts.places);
  }

  get tmp(): string {
    return this.#parts.tmp;
  }

  /** When this resolves the sandbox sees `source` at its path `inside`, read-only. */
  async mount(inside: string, source: string): Promise<void> {
    const place = this.#parts.places.get(inside);
    if (place === undefined) throw new RangeError(`nothing was to be mounted at ${inside} later`);
    await this.#parts.shell.mount('--bind', await this.#parts.viewOf(source), place);
  }

  async resizeTmp(megabytes: number): Promise<void> {
    const { shell, tmp } = this.#parts;
    await shell.mount('-o', `remount,${TMP_OPTIONS},${sizeOf(megabytes)}`, tmp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { own, places, tmp } = this.#parts;
    await removeMounts(own);
    const empty = [...[...places.values()].flatMap(place => [librariesOf(place), place]), tmp, own];
    for (const directory of empty) await rmdir(directory);
  }
}

/** Unmounts all that is mounted at and below a directory; gives what it was. */
export async function removeMounts(directory: string): Promise<string[]> {
  // What was mounted last comes last in the kernel's list, and goes first.
  const mounted = mountPointsIn(await readFile('/proc/self/mountinfo', 'utf8'), directory).toReversed();
  // Lazily: a copy in a namespace that is about to vanish may still keep it for a moment.
  if (mounted.length > 0) await runOnHost(['umount', '-l', '--', ...mounted]);
  return mounted;
}

/** The mount points at and below `directory`, in the order of a mountinfo file. */
export function mountPointsIn(mountinfo: string, directory: string): string[] {
  return mountinfo
    .split('\n')
    .map(line => unescapeOctal(line.split(' ')[4] ?? ''))
    .filter(point => point === directory || point.startsWith(`${directory}/`));
}

/** The kernel writes a space as `\040`. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}

function sh(script: string, ...args: readonly string[]): Promise<string> {
  return runOnHost(['/bin/sh', '-ec', script, 'sh', ...args]);
}

/** The loader never looks again into a directory of its search path that was not there when the program started. */
const librariesOf = (place: string) => path.join(place, 'lib');

const sizeOf = (megabytes: number) => `size=${megabytes * BYTES_PER_MB}`;

const TMP_OPTIONS = 'mode=1777,nosuid,nodev';
/** Private before it is anything else, so that no mount of the host appears below it. */
const MAKE_VIEW =
  'mount --bind "$1" "$2"; mount --make-private "$2"; mount -o remount,bind,ro,nosuid,nodev "$2"';
/** Code packages lie in one directory, layers will in another; each view is two mounts that stay. */
const VIEWS_MAX = 4;
/** A sandbox's id never begins with a dot. */
const VIEW = '.view-';
