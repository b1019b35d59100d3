import { ratioOf } from '../report/ratio.ts';
import { startEngine } from './engine.ts';
import type { Bench, Figures } from './figure.ts';
import { CONNECTIONS } from './interleaved.ts';
import { CONFINED_NODE, startsPerSecond } from './starts.ts';

/** P4: how many sandboxes start in a second, of those that the CPU allows. */
export const startRate = { name: 'start-rate', measure: measureStartRate } as const;

/** So many environments at once, all of which find room on a machine of 16 GB. */
const STARTS = 32;
const MEMORY_MB = 256;
/** Longer than all starts take: each of the calls then needs an environment of its own. */
const SLEEP_MS = 5_000;

async function measureStartRate(bench: Bench): Promise<Figures> {
  const { clock, progress, signal } = bench;
  const event = Buffer.from(JSON.stringify({ sleepMs: SLEEP_MS }));
  // Without a pool: one would have started some before the clock runs.
  const env = { LAMBENT_WORKER_POOL_MAX: '0' };
  await using engine = await startEngine({ ...CONNECTIONS, event, memoryMb: MEMORY_MB, env });
  const perSecond: number[] = [];
  const possiblePerSecond: number[] = [];
  for (let block = 1; block <= bench.blocks; block++) {
    signal.throwIfAborted();
    progress(`start rate: block ${block}/${bench.blocks}`);
    await engine.chill();
    const sentMs = clock.monotonicMs();
    const outcomes = await Promise.all(Array.from({ length: STARTS }, () => engine.target.call(0)));
    const tookMs = clock.monotonicMs() - sentMs - SLEEP_MS;
    const started = outcomes.filter(outcome => outcome.kind === 'ok' && outcome.cold).length;
    if (started !== STARTS) throw new Error(`${started} of ${STARTS} calls started an environment`);
    perSecond.push(started / (tookMs / 1_000));
    possiblePerSecond.push(await startsPerSecond(CONFINED_NODE, { times: STARTS, clock }));
  }
  return {
    tables: [
      {
        title: 'sandbox starts per second, by block',
        columns: perSecond.map((_, block) => String(block + 1)),
        rows: [
          ['engine', ...perSecond],
          ['bwrap … node -e 0, CPU always busy', ...possiblePerSecond],
        ],
      },
    ],
    findings: [
      {
        about: 'P4  sandbox starts per second ÷ what the CPU allows',
        goal: { atLeast: 0.75 },
        ratio: ratioOf(perSecond, possiblePerSecond),
      },
    ],
  };
}
