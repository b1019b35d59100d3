import { SystemClock, SystemRandom } from '@lambent/core';
import { EtcdRegistry, WATCH_EVENTS_MAX } from '@lambent/registry';
import { startTestEtcd } from '@lambent/testing';
import type { Target } from '../load/target.ts';
import { ratioOf } from '../report/ratio.ts';
import { timePolicy } from '../simulation/placement/policy-rate.ts';
import type { Bench, Figures } from './figure.ts';
import { load } from './interleaved.ts';

/** P7: how often placement decides where it would have to write each decision down. */
export const placement = { name: 'placement', measure: measurePlacement } as const;

const WORKERS = 10_000;
const FUNCTIONS = 1_000_000;
/** Enough that etcd writes many of them to disk at once. */
const WRITERS = 64;

async function measurePlacement(bench: Bench): Promise<Figures> {
  await using writer = await openWriter();
  await load(writer, { callers: WRITERS, block: 0, bench });
  const decisions: number[] = [];
  const puts: number[] = [];
  for (let block = 1; block <= bench.blocks; block++) {
    bench.progress(`placement: block ${block}/${bench.blocks}`);
    const timesUs = timePolicy({ seed: block, workers: WORKERS, functions: FUNCTIONS });
    decisions.push((timesUs.length * 1_000_000) / timesUs.reduce((sum, us) => sum + us, 0));
    puts.push((await load(writer, { callers: WRITERS, block, bench })).throughput);
  }
  return {
    tables: [
      {
        title: 'per second and core, by block',
        columns: decisions.map((_, block) => String(block + 1)),
        rows: [
          ['decisions', ...decisions],
          ['etcd puts', ...puts],
        ],
      },
    ],
    findings: [
      {
        about: 'P7  decisions per second ÷ etcd puts',
        goal: { atLeast: 20 },
        ratio: ratioOf(decisions, puts),
      },
    ],
    notes: [
      "The policy alone, over 10,000 workers' reports and a million functions; etcd is one server on this disk.",
    ],
  };
}

/** An etcd of its own, which each call writes a small value to. */
async function openWriter(): Promise<Target> {
  await using stack = new AsyncDisposableStack();
  const etcd = stack.use(await startTestEtcd());
  const registry = stack.use(
    await EtcdRegistry.open({
      endpoints: [etcd.url],
      namespace: 'bench',
      clock: new SystemClock(),
      random: new SystemRandom(),
      watchEventsMax: WATCH_EVENTS_MAX,
    }),
  );
  const value = Buffer.from(
    'a hundred bytes or so are what a grant or a placement takes when it is written down',
  );
  const opened = stack.move();
  let written = 0;
  return {
    name: 'etcd',
    async call() {
      const key = `put/${written++ % WRITERS}`;
      const { kind } = await registry.transact({ compare: [], write: [{ kind: 'put', key, value }] });
      return kind === 'committed' ? { kind: 'ok', cold: false } : { kind: 'error', error: kind };
    },
    [Symbol.asyncDispose]: () => opened.disposeAsync(),
  };
}
