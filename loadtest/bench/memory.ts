import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tiedToThisProcess } from '@lambent/engines';
import { median, ratioOf } from '../report/ratio.ts';
import { startEngine } from './engine.ts';
import type { Bench, Figures } from './figure.ts';
import { CONNECTIONS } from './interleaved.ts';
import { cgroupsBelow, pssKb, treeOf } from './resident.ts';
import { confined } from './starts.ts';

/** P9: what an idle environment occupies, beside an idle Node.js in the barest sandbox, and one in none. */
export const memory = { name: 'memory', measure: measureMemory } as const;

/** Of each kind, all at once, so that what they share is shared by as many. */
const COUNT = 20;
const MEMORY_MB = 256;
/** Long enough that no environment is idle before the last has started. */
const SLEEP_MS = 5_000;
const IDLE = ['-e', 'process.stdout.write("idle"); setInterval(() => {}, 1 << 30)'] as const;

async function measureMemory(bench: Bench): Promise<Figures> {
  const event = Buffer.from(JSON.stringify({ sleepMs: SLEEP_MS }));
  // What waits in a pool is in a cgroup of its own, too.
  const env = { LAMBENT_WORKER_POOL_MAX: '0' };
  await using engine = await startEngine({ ...CONNECTIONS, event, memoryMb: MEMORY_MB, env });
  await using bare = await IdlePrograms.start([process.execPath, ...IDLE]);
  await using bareConfined = await IdlePrograms.start(confined(...IDLE));
  bench.progress(`memory: ${COUNT} environments`);
  const outcomes = await Promise.all(Array.from({ length: COUNT }, () => engine.target.call(0)));
  if (outcomes.some(outcome => outcome.kind !== 'ok')) throw new Error(JSON.stringify(outcomes));
  const environments = [...cgroupsBelow(engine.pid).values()].map(pssKb);
  if (environments.length !== COUNT)
    throw new Error(`${environments.length} cgroups for ${COUNT} environments`);
  const programs = bareConfined.pids.map(pid => pssKb(treeOf(pid)));
  const alone = bare.pids.map(pid => pssKb(treeOf(pid)));
  return {
    tables: [
      {
        title: `idle, ${COUNT} of each`,
        columns: ['PSS kB'],
        rows: [
          ['environment, all in its cgroup', median(environments)],
          ['bwrap … node', median(programs)],
          ['node', median(alone)],
        ],
      },
    ],
    findings: [
      {
        about: 'P9  PSS of an idle environment ÷ idle bwrap … node',
        goal: { atMost: 1.15 },
        ratio: ratioOf(environments, programs),
      },
      { about: '    PSS of an idle environment ÷ idle node', ratio: ratioOf(environments, alone) },
    ],
  };
}

class IdlePrograms implements AsyncDisposable {
  readonly #children: readonly ChildProcess[];

  private constructor(children: readonly ChildProcess[]) {
    this.#children = children;
  }

  /** Resolves when all have said that they are idle. */
  static async start(command: readonly string[]): Promise<IdlePrograms> {
    const [program = '', ...args] = [...tiedToThisProcess(), ...command];
    const children = Array.from({ length: COUNT }, () =>
      spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] }),
    );
    await Promise.all(children.map(child => once(child.stdout, 'data')));
    return new IdlePrograms(children);
  }

  get pids(): readonly number[] {
    return this.#children.map(({ pid = 0 }) => pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = this.#children.map(child => once(child, 'exit'));
    for (const child of this.#children) child.kill('SIGKILL');
    await Promise.all(exited);
  }
}
