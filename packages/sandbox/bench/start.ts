/**
 * What a sandbox costs from start to exit, beside the bare programs it is made of. The cases take turns, so that a
 * machine that is busy for a while is so for all of them. Run as root: `node packages/sandbox/bench/start.ts [ROUNDS]`.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { SystemClock, SystemRandom } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { openSandboxes, type Sandboxes, type SandboxPlan } from '@lambent/sandbox';

const ROUNDS = Number(process.argv[2] ?? 50);
const NODE = '/var/lang/bin/node';
const clock = new SystemClock();
const run = promisify(execFile);

async function sandboxed(sandboxes: Sandboxes, id: string, command: SandboxPlan['command']): Promise<void> {
  await using sandbox = await sandboxes.start(planOf(id, command));
  await sandbox.exited;
}

function planOf(id: string, command: SandboxPlan['command']): SandboxPlan {
  return {
    id,
    mounts: { [NODE]: process.execPath },
    command,
    environment: {},
    doorways: {},
    memoryMb: 256,
    ephemeralStorageMb: 512,
    processesMax: 1_024,
  };
}

/** What is left of a start when the sandbox waits already: only that is timed. */
async function equipped(sandboxes: Sandboxes, id: string): Promise<number> {
  await using sandbox = await sandboxes.start({
    ...planOf(id, ['/bin/sleep', '60']),
    lateMounts: ['/var/task'],
  });
  const startedMs = clock.monotonicMs();
  const mounts = { '/var/task': import.meta.dirname };
  await sandbox.equip({ mounts, environment: {}, memoryMb: 512, ephemeralStorageMb: 512 });
  return clock.monotonicMs() - startedMs;
}

const directory = await mkdtemp(path.join(tmpdir(), 'lambent-bench-'));
const open = (outbound: 'allow' | 'deny') =>
  openSandboxes({
    ownerId: `bench-${outbound}-${process.pid}`,
    runDirectory: path.join(directory, outbound),
    wanted: 'confined',
    outbound,
    clock,
    random: new SystemRandom(),
    logger: createLogger({ level: 'warn', service: 'bench' }),
  });

{
  await using closed = await open('deny');
  await using reaching = await open('allow');
  const bare = [
    '--ro-bind',
    '/usr',
    '/usr',
    '--symlink',
    'usr/lib64',
    '/lib64',
    '--symlink',
    'usr/lib',
    '/lib',
  ];
  const cases: Readonly<Record<string, (id: string) => Promise<unknown>>> = {
    true: () => run('/bin/true'),
    'bwrap true': () => run('bwrap', [...bare, '--unshare-all', '/usr/bin/true']),
    'sandbox true': id => sandboxed(closed, id, ['/bin/true']),
    'sandbox with outbound true': id => sandboxed(reaching, id, ['/bin/true']),
    'node -e 0': () => run(process.execPath, ['-e', '0']),
    'code into one that waits': id => equipped(reaching, id),
    'sandbox node -e 0': id => sandboxed(closed, id, [NODE, '-e', '0']),
    'sandbox with outbound node -e 0': id => sandboxed(reaching, id, [NODE, '-e', '0']),
  };
  const times = new Map(Object.keys(cases).map(name => [name, [] as number[]]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, work] of Object.entries(cases)) {
      const startedMs = clock.monotonicMs();
      const ownMs = await work(`bench-${round}`);
      times.get(name)?.push(typeof ownMs === 'number' ? ownMs : clock.monotonicMs() - startedMs);
    }
  }
  for (const [name, all] of times) {
    const sorted = all.toSorted((a, b) => a - b);
    const at = (share: number) => (sorted[Math.floor(share * sorted.length)] ?? 0).toFixed(1).padStart(7);
    process.stdout.write(`${name.padEnd(32)} p50 ${at(0.5)} ms  p90 ${at(0.9)} ms\n`);
  }
}
await rm(directory, { recursive: true });
