import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '@lambent/core';
import { Cgroup, type CgroupPlace, processesInside, removeDirectories } from './cgroup.ts';
import type { CgroupLimits } from './cgroup-dialect.ts';
import { CONTROLLERS, type Controller, type Hierarchy, parseHierarchies } from './cgroup-hierarchies.ts';

/**
 * The cgroups of one owner: a root `lambent-<owner>` in every hierarchy this machine has, one directory below per
 * sandbox. Version 2, version 1 and both together work alike, since each controller is looked for by itself.
 */
export class Cgroups {
  /** What could be had, and what not: "v1: memory, cpu, pids; v2: kill". */
  readonly detail: string;
  readonly #roots: readonly CgroupPlace[];
  readonly #clock: Clock;

  private constructor(roots: readonly CgroupPlace[], problems: readonly string[], clock: Clock) {
    this.#roots = roots;
    this.#clock = clock;
    this.detail = [...describe(roots), ...new Set(problems)].join('; ') || 'no cgroups are mounted';
  }

  /** Takes what the machine gives; `lacking` tells the rest. */
  static async open(ownerId: string, clock: Clock): Promise<Cgroups> {
    const roots: CgroupPlace[] = [];
    const problems: string[] = [];
    for (const hierarchy of await readHierarchies()) {
      try {
        roots.push(await openRoot(hierarchy, ownerId));
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        problems.push(`v${hierarchy.version}: ${code ?? message}`);
      }
    }
    return new Cgroups(roots, problems, clock);
  }

  get lacking(): readonly Controller[] {
    return CONTROLLERS.filter(name => !this.#roots.some(root => root.controllers.includes(name)));
  }

  /** The roots' directories, for whoever has to clean up after this process. */
  get directories(): readonly string[] {
    return this.#roots.map(({ directory }) => directory);
  }

  create(id: string, limits: CgroupLimits): Promise<Cgroup> {
    const places = this.#roots.map(root => ({ ...root, directory: path.join(root.directory, id) }));
    return Cgroup.create(places, limits, this.#clock);
  }

  async remove(): Promise<void> {
    await removeCgroupRoots(this.directories, this.#clock);
  }
}

/** Kills everything below the roots and removes them; gives the sandboxes' directories that were still there. */
export async function removeCgroupRoots(roots: readonly string[], clock: Clock): Promise<string[]> {
  const found = (await Promise.all(roots.map(directoriesIn))).flat();
  await removeDirectories([...found, ...roots], clock);
  return found;
}

/** Where the roots of `ownerId` would be for this process. */
export async function cgroupRootsOf(ownerId: string): Promise<string[]> {
  const hierarchies = await readHierarchies();
  return hierarchies.flatMap(hierarchy =>
    [baseOf(hierarchy), hierarchy.mountPoint].map(base => path.join(base, rootName(ownerId))),
  );
}

async function directoriesIn(root: string): Promise<string[]> {
  const children = await readdir(root, { withFileTypes: true }).catch(() => []);
  return children.filter(child => child.isDirectory()).map(({ name }) => path.join(root, name));
}

const rootName = (ownerId: string) => `lambent-${ownerId}`;

/** Version 2 allows processes only in leaves: our own move to this one, so that their cgroup can have children. */
const OWN_LEAF = 'lambent-own';

async function readHierarchies(): Promise<Hierarchy[]> {
  const [own, mounts] = await Promise.all(
    ['/proc/self/cgroup', '/proc/self/mountinfo'].map(file => readFile(file, 'utf8').catch(() => '')),
  );
  return parseHierarchies(own ?? '', mounts ?? '');
}

/** The cgroup that this process was given; its leaf is of our own making. */
function baseOf({ ownDirectory }: Hierarchy): string {
  return path.basename(ownDirectory) === OWN_LEAF ? path.dirname(ownDirectory) : ownDirectory;
}

async function openRoot(hierarchy: Hierarchy, ownerId: string): Promise<CgroupPlace> {
  const { version } = hierarchy;
  if (version === 1) {
    const directory = path.join(baseOf(hierarchy), rootName(ownerId));
    await mkdir(directory, { recursive: true });
    return { version, directory, controllers: hierarchy.controllers };
  }
  const { base, controllers } = await openBase(hierarchy);
  const directory = path.join(base, rootName(ownerId));
  await mkdir(directory, { recursive: true });
  await enable(directory, controllers);
  return { version, directory, controllers };
}

/**
 * A version 2 cgroup that passes its controllers on. Ours may, or may once our processes have moved to a leaf of it
 * (a service's or a container's). A login session's scope holds its owner's shell, which is not ours to move: there,
 * and where others share our cgroup, the top of the machine's own tree is taken, as container engines do.
 */
async function openBase(hierarchy: Hierarchy): Promise<{ base: string; controllers: Controller[] }> {
  const own = baseOf(hierarchy);
  const controllers = await availableIn(own);
  if (await tryEnable(own, controllers)) return { base: own, controllers };
  const movable = !own.endsWith('.scope') && processesInside(own).every(pid => pid > 0);
  if (movable) {
    await moveToLeaf(own);
    if (await tryEnable(own, controllers)) return { base: own, controllers };
  }
  const top = hierarchy.mountPoint;
  const offered = await availableIn(top);
  await enable(top, offered);
  return { base: top, controllers: offered };
}

async function availableIn(directory: string): Promise<Controller[]> {
  const names = (await readFile(path.join(directory, 'cgroup.controllers'), 'utf8')).trim().split(' ');
  return CONTROLLERS.filter(name => names.includes(name));
}

async function tryEnable(directory: string, controllers: readonly Controller[]): Promise<boolean> {
  try {
    await enable(directory, controllers);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EBUSY') return false;
    throw error;
  }
}

async function enable(directory: string, controllers: readonly Controller[]): Promise<void> {
  const file = path.join(directory, 'cgroup.subtree_control');
  const enabled = (await readFile(file, 'utf8')).trim().split(' ');
  const missing = controllers.filter(name => !enabled.includes(name));
  if (missing.length > 0) await writeFile(file, missing.map(name => `+${name}`).join(' '), { flag: 'r+' });
}

async function moveToLeaf(base: string): Promise<void> {
  const leaf = path.join(base, OWN_LEAF);
  await mkdir(leaf, { recursive: true });
  for (const pid of processesInside(base)) {
    await writeFile(path.join(leaf, 'cgroup.procs'), String(pid), { flag: 'r+' }).catch(
      (error: NodeJS.ErrnoException) => {
        // It ended before it could be moved.
        if (error.code !== 'ESRCH') throw error;
      },
    );
  }
}

function describe(roots: readonly CgroupPlace[]): string[] {
  return ([1, 2] as const).flatMap(version => {
    const found = roots.filter(root => root.version === version);
    const names = found.flatMap(({ controllers }) => controllers);
    return found.length === 0 ? [] : [`v${version}: ${names.join(', ') || 'kill'}`];
  });
}
