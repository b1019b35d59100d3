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
  const plan: SandboxPlan = {
    id,
    mounts: { '/var/task': codeDirectory },
    command: ['/bin/sh', '-c', LOOK_AROUND],
    environment: { PATH: '/usr/bin:/bin' },
    doorways: {},
    memoryMb: PROBE_MEMORY_MB,
    ephemeralStorageMb: 1,
    processesMax: PROBE_PROCESSES,
  };
  await using sandbox = await starter.start(plan);
  const text = await textOf(sandbox.stdout);
  const { status } = await sandbox.exited;
  if (status !== 0) throw new Error(`a sandbox cannot read its code or write to its /tmp: ${text}`);
  return { ...parse(text), ownNamespaces: await namespacesIn(text) };
}

/** Paths of its own first: an id of its own is of no use if it may not reach them. */
const LOOK_AROUND = `test -r /var/task/. && : >/tmp/probe && cat /proc/self/status && for n in ${NAMESPACES.join(' ')}; do readlink /proc/self/ns/$n; done`;

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
