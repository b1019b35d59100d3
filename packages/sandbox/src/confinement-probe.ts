import { readlink } from 'node:fs/promises';
import { text as textOf } from 'node:stream/consumers';
import type { SandboxPlan } from './sandbox.ts';
import type { SandboxStarter } from './sandbox-starter.ts';

/** What a process in a sandbox was, by the kernel's own account. */
export interface Observed {
  /** Those of NAMESPACES that are not the caller's. */
  readonly ownNamespaces: readonly string[];
  readonly userId: number;
  readonly seccomp: boolean;
}

export const NAMESPACES = ['mnt', 'pid', 'net', 'ipc', 'uts'] as const;

/** A shell and its children. */
const PROBE_PROCESSES = 16;
const PROBE_MEMORY_MB = 64;

/** Starts a real sandbox, looks around in it, and takes it down. Rejects as a start does. */
export async function observe(starter: SandboxStarter, id: string, codeDirectory: string): Promise<Observed> {
  const plan = { ...planOf(id, LOOK_AROUND), mounts: { '/var/task': codeDirectory } };
  await using sandbox = await starter.start(plan);
  const text = await textOf(sandbox.stdout);
  const { status } = await sandbox.exited;
  if (status !== 0) throw new Error(`a sandbox cannot read its code or write to its /tmp: ${text}`);
  return { ...parse(text), ownNamespaces: await namespacesIn(text) };
}

/** Mounts code into a real sandbox that runs, and rejects unless that appears there, read-only. */
export async function observeLateMount(
  starter: SandboxStarter,
  id: string,
  codeDirectory: string,
): Promise<void> {
  const code = '/var/task';
  await using sandbox = await starter.start({
    ...planOf(id, `read -r _ <&4; ${LOOK_AT_MOUNT}`),
    lateMounts: [code],
  });
  const [said] = await Promise.all([
    textOf(sandbox.stdout),
    sandbox
      .equip({
        mounts: { [code]: codeDirectory },
        environment: {},
        memoryMb: PROBE_MEMORY_MB,
        ephemeralStorageMb: 2,
      })
      .then(() => sandbox.channel.write('\n')),
  ]);
  // The directory it was mounted on comes first.
  const [, late] = said.matchAll(/^\S+ \S+ \S+ \S+ \/var\/task (\S+)/gm).map(([, options = '']) => options);
  if (!late?.split(',').includes('ro'))
    throw new Error(`code mounted into a sandbox that runs is ${late ?? 'nowhere'} there`);
}

const LOOK_AT_MOUNT = 'cat /proc/self/mountinfo';

/** Paths of its own first: an id of its own is of no use if it may not reach them. */
const LOOK_AROUND = `test -r /var/task/. && : >/tmp/probe && cat /proc/self/status && for n in ${NAMESPACES.join(' ')}; do readlink /proc/self/ns/$n; done`;

function planOf(id: string, script: string): SandboxPlan {
  return {
    id,
    mounts: {},
    command: ['/bin/sh', '-c', script],
    environment: { PATH: '/usr/bin:/bin' },
    doorways: {},
    memoryMb: PROBE_MEMORY_MB,
    ephemeralStorageMb: 1,
    processesMax: PROBE_PROCESSES,
  };
}

function parse(text: string): Omit<Observed, 'ownNamespaces'> {
  return {
    userId: Number(/^Uid:\s+(\d+)/m.exec(text)?.[1] ?? Number.NaN),
    seccomp: /^Seccomp:\s+2$/m.test(text),
  };
}

async function namespacesIn(text: string): Promise<string[]> {
  const own: string[] = [];
  for (const name of NAMESPACES) {
    const seen = new RegExp(`^${name}:\\[\\d+\\]$`, 'm').exec(text)?.[0];
    const ours = await readlink(`/proc/self/ns/${name}`).catch(() => undefined);
    if (seen !== undefined && seen !== ours) own.push(name);
  }
  return own;
}
