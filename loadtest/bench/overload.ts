import { PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda';
import { SystemRandom } from '@lambent/core';
import { rampArrivals } from '../load/arrivals.ts';
import { runClosedLoop, runOpenLoop } from '../load/loop.ts';
import { type Measurement, measure } from '../load/measurement.ts';
import { Recording } from '../load/recording.ts';
import type { Target } from '../load/target.ts';
import { median, ratioOf } from '../report/ratio.ts';
import { type Engine, startEngine } from './engine.ts';
import type { Bench, Figures, Finding, Table } from './figure.ts';

/** P10: what is still served when three times as much is asked for as can be. */
export const overload = { name: 'overload', measure: measureOverload } as const;

const OFFERED = 3;
const MEMORY_MB = 128;
/** Calls under way beyond which more would only wait in the harness. */
const OUTSTANDING_MAX = 512;
/** Longer than the environments take to start: each call then needs one of its own. */
const STARTING_EVENT = Buffer.from(JSON.stringify({ sleepMs: 5_000 }));

interface Case {
  readonly title: string;
  /** Reserved concurrency: as many environments, and as many callers at the peak. */
  readonly environments: number;
  readonly event: Uint8Array;
  readonly finding: Omit<Finding, 'ratio'>;
}

const CASES: readonly Case[] = [
  {
    title: 'environments are the limit',
    environments: 50,
    event: Buffer.from(JSON.stringify({ sleepMs: 50 })),
    finding: { about: 'P10 goodput at 3× offered ÷ peak, 50 × 50 ms of sleep', goal: { atLeast: 0.9 } },
  },
  {
    title: 'CPU is the limit',
    environments: 8,
    event: Buffer.from('{"asleep":false}'),
    finding: { about: '    goodput at 3× offered ÷ peak, bound by CPU (perfect: about 0.5)' },
  },
];

async function measureOverload(bench: Bench): Promise<Figures> {
  const tables: Table[] = [];
  const findings: Finding[] = [];
  for (const overloaded of CASES) {
    await using engine = await startEngine({
      event: overloaded.event,
      connectionsMax: OUTSTANDING_MAX,
      patienceMs: 30_000,
      memoryMb: MEMORY_MB,
    });
    const measured = await measureCase(overloaded, engine, bench);
    tables.push(measured.table);
    findings.push(measured.finding);
  }
  return {
    tables,
    findings,
    notes: [
      'A refusal costs about a fifth of an invocation: where CPU is the limit, a perfect engine that is asked for three times',
      'its peak serves x of it with x + (3 − x) ÷ 5 = 1. The harness shares the machine, and refusals cost it as much as answers.',
    ],
  };
}

async function measureCase(
  { title, environments, finding }: Case,
  engine: Engine,
  bench: Bench,
): Promise<{ readonly table: Table; readonly finding: Finding }> {
  const { client, functionName, target } = engine;
  const limit = { FunctionName: functionName, ReservedConcurrentExecutions: environments };
  await client.send(new PutFunctionConcurrencyCommand(limit));
  await startAll(engine, environments);
  const peaks: Measurement[] = [];
  const overloads: Measurement[] = [];
  for (let block = 1; block <= bench.blocks; block++) {
    bench.progress(`overload: block ${block}/${bench.blocks}, ${title}`);
    const peak = await peakOf(target, environments, { ...bench, block });
    peaks.push(peak);
    overloads.push(await offer(target, peak.throughput * OFFERED, { ...bench, block }));
  }
  const throughputs = (of: readonly Measurement[]) => of.map(({ throughput }) => throughput);
  return {
    table: {
      title: `overload: ${title}`,
      columns: ['good per s', 'p99 ms', 'refused', 'failed', 'unsent'],
      rows: [
        [`peak, ${environments} callers`, ...columnsOf(peaks)],
        [`${OFFERED}× the peak`, ...columnsOf(overloads)],
      ],
    },
    finding: { ...finding, ratio: ratioOf(throughputs(overloads), throughputs(peaks)) },
  };
}

/** A peak that is measured while environments still start is none. */
async function startAll(engine: Engine, environments: number): Promise<void> {
  await using target = engine.open(STARTING_EVENT);
  const outcomes = await Promise.all(Array.from({ length: environments }, () => target.call(0)));
  const failed = outcomes.find(({ kind }) => kind !== 'ok');
  if (failed) throw new Error(`not all environments started: ${JSON.stringify(failed)}`);
}

type Block = Bench & { readonly block: number };

function peakOf(
  target: Target,
  callers: number,
  { clock, signal, blockMs, block }: Block,
): Promise<Measurement> {
  signal.throwIfAborted();
  const recording = new Recording({ clock });
  const loop = { target, recording, clock, signal, callers, copies: 1, durationMs: blockMs };
  return measure(target, recording, { phase: 'peak', block }, () => runClosedLoop(loop));
}

function offer(
  target: Target,
  perSecond: number,
  { clock, signal, blockMs, block }: Block,
): Promise<Measurement> {
  signal.throwIfAborted();
  const recording = new Recording({ clock });
  const arrivals = rampArrivals({
    durationMs: blockMs,
    from: perSecond,
    to: perSecond,
    spacing: 'random',
    copies: 1,
    random: new SystemRandom(),
  });
  const loop = {
    ...{ target, arrivals, recording, clock, signal },
    ...{ outstandingMax: OUTSTANDING_MAX, durationMs: blockMs },
  };
  return measure(target, recording, { phase: 'overload', block }, () => runOpenLoop(loop));
}

function columnsOf(measured: readonly Measurement[]): readonly number[] {
  const of = (value: (measurement: Measurement) => number) => median(measured.map(value));
  return [
    of(({ throughput }) => throughput),
    of(({ latency }) => latency.p99Ms),
    of(({ tally }) => tally.throttled),
    of(({ tally }) => tally.failed + tally.error),
    of(({ tally }) => tally.unsent),
  ];
}
