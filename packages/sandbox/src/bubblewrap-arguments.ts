import path from 'node:path';
import type { InsideEtc, UserFiles } from './inside-etc.ts';
import { FIRST_EXTRA_FD } from './launched-process.ts';
import type { SandboxPlan } from './sandbox.ts';
import { becomeUser, SCRIPT_READER } from './start-script.ts';

/** How the sandbox's user comes to be. */
export type UserMode =
  /** Bubblewrap runs as root without a user namespace, and gives the rights up inside for an id of the sandbox's own. */
  | { readonly kind: 'own'; readonly userId: number }
  /** A user namespace shows the caller's own id as another one. */
  | { readonly kind: 'namespace'; readonly userId: number };

/** The ids of AWS's sandbox user, shown where a user namespace translates. */
export const NAMESPACE_USER_ID = 993;

/** Numbers of the file descriptors that bubblewrap itself uses; none of them reaches the program. */
export const BUBBLEWRAP_FDS = {
  seccomp: FIRST_EXTRA_FD,
  status: FIRST_EXTRA_FD + 1,
  arguments: FIRST_EXTRA_FD + 2,
} as const;

export interface Surroundings {
  readonly user: UserMode;
  readonly etc: InsideEtc;
  readonly userFiles: UserFiles;
  /** Where the host's `/bin`, `/sbin`, `/lib*` lead, or undefined where they are directories of their own. */
  readonly systemDirectories: Readonly<Record<string, string | undefined>>;
  readonly seccomp: boolean;
  /** A host directory that becomes /tmp; without it there is a fresh file system of the plan's size. */
  readonly tmp?: string;
}

const WORKING_DIRECTORY = '/var/task';
const BYTES_PER_MB = 1_048_576;

/**
 * The command line of bubblewrap. It reads its arguments from a pipe: what stands on a command line everybody may read,
 * the program inside too, and these name places of the host.
 */
export function bubblewrapCommand(bubblewrap: string, user: UserMode): string[] {
  const become = user.kind === 'own' ? becomeUser(user.userId) : [];
  return [bubblewrap, '--args', String(BUBBLEWRAP_FDS.arguments), '--', ...become, ...SCRIPT_READER];
}

/** What the program sees, in the order in which bubblewrap mounts it. */
export function bubblewrapArguments(plan: SandboxPlan, around: Surroundings): string[] {
  return [
    ...isolation(around),
    ...system(around),
    ...['--proc', '/proc', '--dev', '/dev'],
    ...temporary(plan, around),
    ...mounts(plan.mounts),
    ...['--perms', '0755', '--dir', '/run'],
    ...['/usr/local', '/dev', '/'].flatMap(directory => ['--remount-ro', directory]),
    ...['--chdir', WORKING_DIRECTORY],
  ];
}

function isolation({ user, seccomp }: Surroundings): string[] {
  const rights =
    user.kind === 'own'
      ? [
          '--cap-drop',
          'ALL',
          ...['SETUID', 'SETGID', 'SETPCAP'].flatMap(name => ['--cap-add', `CAP_${name}`]),
        ]
      : ['--unshare-user', '--uid', String(user.userId), '--gid', String(user.userId)];
  return [
    ...['--unshare-pid', '--unshare-net', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...['--die-with-parent', '--new-session', '--clearenv', '--hostname', 'sandbox'],
    ...['--json-status-fd', String(BUBBLEWRAP_FDS.status)],
    ...(seccomp ? ['--seccomp', String(BUBBLEWRAP_FDS.seccomp)] : []),
    ...rights,
  ];
}

/**
 * Of the host only its distribution: `/usr` as packages made it. `/usr/local` is the owner's own and hidden; a
 * runtime that lives there is mounted by name.
 */
function system({ etc, userFiles, systemDirectories }: Surroundings): string[] {
  const links = Object.entries(systemDirectories).flatMap(([directory, target]) =>
    target === undefined ? ['--ro-bind', directory, directory] : ['--symlink', target, directory],
  );
  return [
    ...['--ro-bind', '/usr', '/usr', '--tmpfs', '/usr/local'],
    ...links,
    ...['--ro-bind', etc.directory, '/etc'],
    ...etc.bound.flatMap(directory => ['--ro-bind', directory, directory]),
    ...['--ro-bind', userFiles.passwd, '/etc/passwd', '--ro-bind', userFiles.group, '/etc/group'],
  ];
}

function temporary({ ephemeralStorageMb }: SandboxPlan, { tmp }: Surroundings): string[] {
  if (tmp !== undefined) return ['--bind', tmp, '/tmp'];
  return ['--perms', '1777', '--size', String(ephemeralStorageMb * BYTES_PER_MB), '--tmpfs', '/tmp'];
}

/** The plan's mounts, outer ones first, each below directories that everybody may enter. */
function mounts(planned: Readonly<Record<string, string>>): string[] {
  const made = new Set(['/usr', '/usr/local', '/tmp']);
  const args: string[] = [];
  const makeDirectory = (directory: string) => {
    if (!made.has(directory)) args.push('--perms', '0755', '--dir', directory);
    made.add(directory);
  };
  for (const [target, source] of Object.entries(planned).sort(([a], [b]) => a.length - b.length)) {
    ancestors(target).forEach(makeDirectory);
    args.push('--ro-bind', source, target);
    made.add(target);
  }
  // The working directory is there even where a plan gives no code.
  for (const directory of [...ancestors(WORKING_DIRECTORY), WORKING_DIRECTORY]) makeDirectory(directory);
  return args;
}

/** Outermost first, without the root. */
function ancestors(target: string): string[] {
  const parent = path.dirname(target);
  return parent === '/' ? [] : [...ancestors(parent), parent];
}
