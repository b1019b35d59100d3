/** The resources that a sandbox is bounded in. */
export type Controller = 'memory' | 'cpu' | 'pids' | 'freezer';

export const CONTROLLERS: readonly Controller[] = ['memory', 'cpu', 'pids'];
/** Version 1 has one for what version 2 does by itself. */
const CONTROLLERS_OF_1: readonly Controller[] = [...CONTROLLERS, 'freezer'];

/** One mounted tree of cgroups, and where in it this process stands. */
export interface Hierarchy {
  readonly version: 1 | 2;
  readonly mountPoint: string;
  /** Host path of this process's own cgroup, or the mount point where that is outside of what is mounted. */
  readonly ownDirectory: string;
  /** Version 1: what is mounted here. Version 2 tells by a file, since controllers may be with version 1 instead. */
  readonly controllers: readonly Controller[];
}

/**
 * Finds the hierarchies from `/proc/self/cgroup` and `/proc/self/mountinfo`: one of version 2, several of version 1,
 * or both (hybrid), where version 2 freezes. Hierarchies without a controller that counts here are left out.
 */
export function parseHierarchies(cgroupText: string, mountinfoText: string): Hierarchy[] {
  const own = parseOwnCgroups(cgroupText);
  const hierarchies: Hierarchy[] = [];
  for (const line of mountinfoText.split('\n')) {
    const mount = parseMount(line);
    if (!mount) continue;
    const controllers = CONTROLLERS_OF_1.filter(name => mount.version === 1 && mount.options.includes(name));
    const path = own.get(mount.version === 2 ? '' : (controllers[0] ?? 'none'));
    if (path === undefined) continue;
    // A container sees a part of the tree as its whole: paths are told from the root that was mounted.
    const inside =
      mount.root === '/' ? path : path.startsWith(mount.root) ? path.slice(mount.root.length) : '';
    const ownDirectory = inside.startsWith('/..') ? mount.mountPoint : join(mount.mountPoint, inside);
    if (hierarchies.some(known => known.mountPoint === mount.mountPoint)) continue;
    hierarchies.push({ version: mount.version, mountPoint: mount.mountPoint, ownDirectory, controllers });
  }
  const version2 = hierarchies.some(({ version }) => version === 2);
  return version2 ? hierarchies.filter(({ controllers }) => controllers.join() !== 'freezer') : hierarchies;
}

/** Controller → this process's path in its hierarchy; '' is version 2. */
function parseOwnCgroups(text: string): ReadonlyMap<string, string> {
  const own = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, controllers, ...path] = line.split(':');
    if (controllers === undefined) continue;
    for (const controller of controllers.split(',')) own.set(controller, path.join(':'));
  }
  return own;
}

interface Mount {
  readonly version: 1 | 2;
  readonly root: string;
  readonly mountPoint: string;
  readonly options: readonly string[];
}

/** `36 35 98:0 /root /mount/point rw,noatime shared:1 - cgroup source rw,memory`. */
function parseMount(line: string): Mount | undefined {
  const [before, after] = line.split(' - ');
  const [type, , options] = after?.split(' ') ?? [];
  const [, , , root, mountPoint] = before?.split(' ') ?? [];
  if ((type !== 'cgroup' && type !== 'cgroup2') || root === undefined || mountPoint === undefined)
    return undefined;
  return { version: type === 'cgroup2' ? 2 : 1, root, mountPoint, options: options?.split(',') ?? [] };
}

function join(mountPoint: string, inside: string): string {
  return inside === '' || inside === '/' ? mountPoint : mountPoint + inside;
}
