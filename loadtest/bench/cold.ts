import type { Clock } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { median, ratioOf } from '../report/ratio.ts';
import { type Engine, startEngine } from './engine.ts';
import type { Bench, Figures } from './figure.ts';
import { CONNECTIONS } from './interleaved.ts';
import { CONFINED_NODE, NODE, startMs } from './starts.ts';

/** P3: what the first call of a function takes beyond a warm one, with sandboxes that wait for it and without. */
export const cold = { name: 'cold', measure: measureCold } as const;

/** A cold start is one number where a load is thousands: each block takes so many in turn. */
const STARTS_PER_BLOCK = 4;

interface Start {
  readonly firstMs: number;
  readonly nextMs: number;
}

async function measureCold(bench: Bench): Promise<Figures> {
  const { clock, progress, signal } = bench;
  await using pooled = await startEngine(CONNECTIONS);
  await using unpooled = await startEngine({ ...CONNECTIONS, env: { LAMBENT_WORKER_POOL_MAX: '0' } });
  const starts: { pooled: Start[]; unpooled: Start[] } = { pooled: [], unpooled: [] };
  const bareMs: { node: number[]; confined: number[] } = { node: [], confined: [] };
  // The pool learns of a runtime from its first start.
  for (const engine of [pooled, unpooled]) await startOnce(engine, clock);
  const count = bench.blocks * STARTS_PER_BLOCK;
  for (let turn = 1; turn <= count; turn++) {
    signal.throwIfAborted();
    progress(`cold: ${turn}/${count}`);
    await waitFor(
      'a sandbox that waits',
      async () => (await pooled.metric('lambent_worker_pool_waiting')) > 0,
    );
    starts.pooled.push(await startOnce(pooled, clock));
    starts.unpooled.push(await startOnce(unpooled, clock));
    bareMs.node.push(await startMs(NODE, clock));
    bareMs.confined.push(await startMs(CONFINED_NODE, clock));
  }
  const { node, confined } = bareMs;
  return {
    tables: [
      {
        title: 'cold starts, medians',
        columns: ['first ms', 'next ms'],
        rows: [
          ['engine with its pool', ...mediansOf(starts.pooled)],
          ['engine without a pool', ...mediansOf(starts.unpooled)],
          ['node -e 0', median(node)],
          ['bwrap … node -e 0', median(confined)],
        ],
      },
    ],
    findings: [
      {
        about: 'P3c cold − warm, sandbox from the pool ÷ node -e 0',
        goal: { atMost: 0.25 },
        ratio: ratioOf(beyondWarmMs(starts.pooled), node),
      },
      {
        about: 'P3b cold − warm, without a pool ÷ bwrap … node -e 0',
        goal: { atMost: 1.2 },
        ratio: ratioOf(beyondWarmMs(starts.unpooled), confined),
      },
    ],
  };
}

async function startOnce(engine: Engine, clock: Clock): Promise<Start> {
  await engine.chill();
  const firstMs = await callMs(engine, { cold: true, clock });
  return { firstMs, nextMs: await callMs(engine, { cold: false, clock }) };
}

async function callMs({ target }: Engine, { cold, clock }: { cold: boolean; clock: Clock }): Promise<number> {
  const sentMs = clock.monotonicMs();
  const outcome = await target.call(0);
  const tookMs = clock.monotonicMs() - sentMs;
  if (outcome.kind === 'ok' && outcome.cold === cold) return tookMs;
  throw new Error(`a ${cold ? 'cold' : 'warm'} call came to ${JSON.stringify(outcome)}`);
}

function beyondWarmMs(starts: readonly Start[]): readonly number[] {
  return starts.map(({ firstMs, nextMs }) => firstMs - nextMs);
}

function mediansOf(starts: readonly Start[]): readonly number[] {
  return [median(starts.map(({ firstMs }) => firstMs)), median(starts.map(({ nextMs }) => nextMs))];
}
