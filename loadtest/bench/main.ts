import os from 'node:os';
import { parseArgs } from 'node:util';
import { type Clock, SystemClock } from '@lambent/core';
import { startFloor } from '../floors/start-floor.ts';
import { runClosedLoop } from '../load/loop.ts';
import { type Measurement, measure } from '../load/measurement.ts';
import { Recording } from '../load/recording.ts';
import type { Target } from '../load/target.ts';
import { median, type Ratio, ratioOf, showRatio } from '../report/ratio.ts';
import { startEngine } from './engine.ts';
import { CONFINED_NODE, NODE, startMs } from './starts.ts';

/**
 * `npm run bench`: the engine beside its floors, interleaved block by block in one run, and cold starts beside bare
 * ones. Ratios are the median of the blocks' own ratios with the least and the most; absolute times judge nothing.
 */
const { values } = parseArgs({
  options: { blocks: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } },
});
const BLOCKS = Number(values.blocks);
const BLOCK_MS = Number(values.seconds) * 1_000;
const CALLERS = [1, 16, 64] as const;
const COLD_STARTS = 10;
/** A hundred bytes of JSON, in the form that JSON.stringify gives. */
const EVENT = Buffer.from(
  JSON.stringify({
    order: '7f9c24e8',
    items: [1, 2, 3],
    note: 'the same hundred bytes for every path',
  }),
);
const CONNECTIONS = { event: EVENT, connectionsMax: Math.max(...CALLERS), patienceMs: 30_000 };

const line = (text = '') => process.stdout.write(`${text}\n`);
/** One line that rewrites itself, where somebody watches. */
const progress = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const cell = (value: number, digits = 0) => value.toFixed(digits).padStart(9);

line(`${os.cpus().length} × ${os.cpus()[0]?.model}, Linux ${os.release()}, Node ${process.versions.node}`);
line(
  `${BLOCKS} blocks of ${BLOCK_MS / 1_000} s a target and number of callers; client and server share the machine`,
);
{
  const clock = new SystemClock();
  await using echo = await startFloor('http-echo', CONNECTIONS);
  await using bare = await startFloor('bare-path', CONNECTIONS);
  await using engine = await startEngine({ ...CONNECTIONS, clock });
  const targets = [echo, bare, engine.target];

  for (const target of targets) await load(target, { callers: 64, block: 0, clock });
  const warm = await measureWarm(targets, clock);
  const cold = await measureCold(engine, clock);
  report(warm, cold);
}

/** Anything but right answers ends the run. */
async function load(
  target: Target,
  { callers, block, clock }: { callers: number; block: number; clock: Clock },
): Promise<Measurement> {
  const recording = new Recording({ clock });
  const { signal } = new AbortController();
  const measured = await measure(target, recording, { phase: String(callers), block }, () =>
    runClosedLoop({ target, recording, clock, signal, callers, copies: 1, durationMs: BLOCK_MS }),
  );
  const { sent, ok, errors } = measured.tally;
  if (ok !== sent)
    throw new Error(`${target.name}: ${sent - ok} of ${sent} calls: ${JSON.stringify(errors)}`);
  return measured;
}

async function measureWarm(targets: readonly Target[], clock: Clock): Promise<readonly Measurement[]> {
  const measured: Measurement[] = [];
  for (let block = 1; block <= BLOCKS; block++) {
    for (const callers of CALLERS) {
      for (const target of targets) {
        progress(`warm: block ${block}/${BLOCKS}, ${callers} callers, ${target.name}`);
        measured.push(await load(target, { callers, block, clock }));
      }
    }
  }
  progress('');
  return measured;
}

interface Cold {
  /** Beyond the call that follows. */
  readonly pooledMs: number[];
  readonly wholeMs: number[];
  readonly nodeMs: number[];
  readonly confinedNodeMs: number[];
}

async function measureCold(
  { target, chill }: Awaited<ReturnType<typeof startEngine>>,
  clock: Clock,
): Promise<Cold> {
  const cold: Cold = { pooledMs: [], wholeMs: [], nodeMs: [], confinedNodeMs: [] };
  for (let turn = 0; turn < COLD_STARTS; turn++) {
    progress(`cold: ${turn + 1}/${COLD_STARTS}`);
    for (const pooled of [true, false]) {
      await chill({ pooled });
      const firstMs = await callMs(target, { cold: true, clock });
      const nextMs = await callMs(target, { cold: false, clock });
      (pooled ? cold.pooledMs : cold.wholeMs).push(firstMs - nextMs);
    }
    cold.nodeMs.push(await startMs(NODE));
    cold.confinedNodeMs.push(await startMs(CONFINED_NODE));
  }
  progress('');
  return cold;
}

async function callMs(target: Target, { cold, clock }: { cold: boolean; clock: Clock }): Promise<number> {
  const sentMs = clock.monotonicMs();
  const outcome = await target.call(0);
  const tookMs = clock.monotonicMs() - sentMs;
  if (outcome.kind === 'ok' && outcome.cold === cold) return tookMs;
  throw new Error(`a ${cold ? 'cold' : 'warm'} call came to ${JSON.stringify(outcome)}`);
}

function report(warm: readonly Measurement[], cold: Cold): void {
  const of = (target: string, callers: number, value: (measured: Measurement) => number | undefined) =>
    warm
      .filter(measured => measured.target === target && measured.phase === String(callers))
      .map(measured => value(measured) ?? Number.NaN);
  line();
  line('warm                       p50 µs   p99 µs    per s  CPU µs per call (medians of blocks)');
  for (const callers of CALLERS) {
    for (const target of ['http-echo', 'bare-path', 'engine']) {
      const columns = [p50Us, p99Us, perSecond, cpuUs].map(value => of(target, callers, value));
      line(
        `${target.padEnd(10)} ${String(callers).padStart(3)} callers ${columns.map(c => cell(median(c))).join('')}`,
      );
    }
  }
  line();
  line('cold start, ms (medians): the first call beyond the next one');
  line(
    `  from a pool ${median(cold.pooledMs).toFixed(1)} · a whole start ${median(cold.wholeMs).toFixed(1)}`,
  );
  line(
    `  node -e 0 ${median(cold.nodeMs).toFixed(1)} · bwrap … node -e 0 ${median(cold.confinedNodeMs).toFixed(1)}`,
  );
  const between = (value: typeof p50Us, callers: number, floor: string) =>
    ratioOf(of('engine', callers, value), of(floor, callers, value));
  const rows: readonly (readonly [name: string, goal: string, ratio: Ratio | undefined])[] = [
    ['P1  warm p50, engine ÷ bare path, one caller', '≤ 1.30', between(p50Us, 1, 'bare-path')],
    ['P1  warm p99, engine ÷ bare path, one caller', '≤ 1.60', between(p99Us, 1, 'bare-path')],
    ...CALLERS.map(
      callers =>
        [
          `    throughput, engine ÷ bare path, ${callers} callers`,
          '',
          between(perSecond, callers, 'bare-path'),
        ] as const,
    ),
    ['P2  CPU per call, engine ÷ HTTP echo, 16 callers', '≤ 5', between(cpuUs, 16, 'http-echo')],
    ['P3b whole start beyond warm ÷ bwrap … node -e 0', '≤ 1.20', ratioOf(cold.wholeMs, cold.confinedNodeMs)],
    ['P3c start from a pool beyond warm ÷ node -e 0', '≤ 0.25', ratioOf(cold.pooledMs, cold.nodeMs)],
  ];
  line();
  line('ratios, median (least to most)                               goal');
  for (const [name, goal, ratio] of rows) line(`  ${name.padEnd(58)} ${goal.padEnd(8)} ${showRatio(ratio)}`);
  line();
  line(
    'The bare path is three processes with a gRPC stream between two of them; `lambent up` runs gateway and worker',
  );
  line('in one process with no encoding between them, so P1 here is against a floor with one hop more.');
}

function p50Us({ latency }: Measurement): number | undefined {
  return latency.p50Ms * 1_000;
}

function p99Us({ latency }: Measurement): number | undefined {
  return latency.p99Ms * 1_000;
}

function perSecond({ throughput }: Measurement): number | undefined {
  return throughput;
}

function cpuUs({ cpuUsPerCall }: Measurement): number | undefined {
  return cpuUsPerCall;
}
