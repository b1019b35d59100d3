import { readdirSync, readFileSync } from 'node:fs';
import { QUOTAS } from '@lambent/core';
import { findProgram } from './host-programs.ts';

/**
 * Joins cgroups and lowers limits, then becomes the command. A process is inside its cgroup before it is anything
 * of the function's, so nothing escapes the bounds.
 *
 * Shells disagree on the letter for the bound on processes: -u in bash, -p in dash and busybox.
 */
const SCRIPT = `set -e
ulimit -c 0
ulimit -n ${QUOTAS.fileDescriptors} 2>/dev/null || :
test -z "$1" || { ulimit -u "$1" || ulimit -p "$1"; } 2>/dev/null
shift
while test "$1" != --; do echo $$ >"$1"; shift; done
shift
exec "$@"`;

export interface Joining {
  readonly joinFiles: readonly string[];
  /** Descriptors that would be inherited from whoever started Lambent. */
  readonly strayFds: readonly number[];
  /** Only where the user id is the sandbox's own: the kernel counts all processes of an id. */
  readonly processesMax: number | undefined;
}

export function joiningShell(joining: Joining, command: readonly string[]): [string, ...string[]] {
  const { joinFiles, processesMax, strayFds } = joining;
  return [
    ...shellFor(strayFds),
    '-c',
    closing(strayFds) + SCRIPT,
    'sh',
    String(processesMax ?? ''),
    ...joinFiles,
    '--',
    ...command,
  ];
}

/** Only bash can name a descriptor above 9. It takes a socket as standard input for a login from afar: no rc files. */
function shellFor(strayFds: readonly number[]): [string, ...string[]] {
  const bash = strayFds.length === 0 ? undefined : findProgram('bash');
  return bash === undefined ? ['/bin/sh'] : [bash, '--norc'];
}

function closing(strayFds: readonly number[]): string {
  return strayFds.map(fd => `exec ${fd}>&-\n`).join('');
}

/**
 * The descriptors of this process that its children would get unasked. Node.js marks what it opens itself as not to
 * be inherited, and what it inherits up to the first gap; a shell may have left others above.
 */
export function findStrayFds(): number[] {
  if (process.platform !== 'linux') return [];
  const fds = readdirSync('/proc/self/fdinfo').map(Number);
  return fds.filter(fd => fd > STANDARD_ERROR_FD && isInherited(fd));
}

const STANDARD_ERROR_FD = 2;
const CLOSE_ON_EXEC = 0o2000000;

function isInherited(fd: number): boolean {
  try {
    const flags = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
    return flags !== undefined && (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    // It was open only for the listing itself.
    return false;
  }
}
