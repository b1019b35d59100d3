import os from 'node:os';
import { parseArgs } from 'node:util';
import { callClosedLoop, callOnce, type Load } from './callers.ts';
import { cpuUsOf } from './cpu.ts';
import { CONFINED_NODE, NODE, startMs } from './starts.ts';
import { median, type Ratio, ratioOf } from './statistics.ts';
import { type Engine, type Measured, startEngine, startFloor } from './targets.ts';

/**
 * `npm run bench`: the engine beside its floors, interleaved block by block in one run. Ratios are the median of the
 * blocks' own ratios with the least and the most; absolute times are printed and judge nothing.
 */
const { values } = parseArgs({
  options: { blocks: { type: 'string', default: '5' }, seconds: { type: 'string', default: '2' } },
});
const BLOCKS = Number(values.blocks);
const BLOCK_MS = Number(values.seconds) * 1_000;
const CALLERS = [1, 16, 64] as const;
const COLD_STARTS = 10;

interface Series {
  readonly loads: Load[];
  /** CPU microseconds per call. */
  readonly cpuUs: number[];
}

const line = (text = '') => process.stdout.write(`${text}\n`);
/** One line that rewrites itself, where somebody watches. */
const progress = (text: string) => process.stderr.isTTY && process.stderr.write(`\r\x1b[K${text}`);
const cell = (value: number, digits = 0) => value.toFixed(digits).padStart(9);
const show = ({ median: middle, least, most }: Ratio) =>
  `${middle.toFixed(2)} (${least.toFixed(2)} to ${most.toFixed(2)})`;

line(`${os.cpus().length} × ${os.cpus()[0]?.model}, Linux ${os.release()}, Node ${process.versions.node}`);
line(
  `${BLOCKS} blocks of ${BLOCK_MS / 1_000} s a target and number of callers; client and server share the machine`,
);
{
  await using echo = await startFloor('http-echo.ts');
  await using bare = await startFloor('bare-path.ts');
  await using engine = await startEngine();
  const targets = { 'HTTP echo': echo, 'bare path': bare, engine };

  for (const target of Object.values(targets)) await callClosedLoop(target.target, 64, BLOCK_MS);
  const warm = await measureWarm(targets);
  const cold = await measureCold(engine);
  report(warm, cold);
}

async function measureWarm(targets: Readonly<Record<string, Measured>>): Promise<Map<string, Series>> {
  const series = new Map<string, Series>();
  for (let block = 0; block < BLOCKS; block++) {
    for (const callers of CALLERS) {
      for (const [name, { target, pid }] of Object.entries(targets)) {
        progress(`warm: block ${block + 1}/${BLOCKS}, ${callers} callers, ${name}`);
        const beforeUs = cpuUsOf(pid);
        const load = await callClosedLoop(target, callers, BLOCK_MS);
        const kept = series.get(`${name} ${callers}`) ?? { loads: [], cpuUs: [] };
        kept.loads.push(load);
        kept.cpuUs.push((cpuUsOf(pid) - beforeUs) / load.calls);
        series.set(`${name} ${callers}`, kept);
      }
    }
  }
  progress('');
  return series;
}

interface Cold {
  readonly firstMs: number[];
  readonly nextMs: number[];
  readonly nodeMs: number[];
  readonly confinedNodeMs: number[];
}

async function measureCold(engine: Engine): Promise<Cold> {
  const cold: Cold = { firstMs: [], nextMs: [], nodeMs: [], confinedNodeMs: [] };
  for (let turn = 0; turn < COLD_STARTS; turn++) {
    progress(`cold: ${turn + 1}/${COLD_STARTS}`);
    await engine.chill();
    cold.firstMs.push((await callOnce(engine.target)) / 1_000);
    cold.nextMs.push((await callOnce(engine.target)) / 1_000);
    cold.nodeMs.push(await startMs(NODE));
    cold.confinedNodeMs.push(await startMs(CONFINED_NODE));
  }
  progress('');
  return cold;
}

function report(warm: Map<string, Series>, cold: Cold): void {
  const of = (name: string) => warm.get(name) ?? { loads: [], cpuUs: [] };
  line();
  line('warm                       p50 µs   p99 µs    per s  CPU µs per call (medians of blocks)');
  for (const [name, { loads, cpuUs }] of warm) {
    const [, target = '', callers = ''] = /^(.*) (\d+)$/.exec(name) ?? [];
    const columns = [
      loads.map(load => load.p50Us),
      loads.map(load => load.p99Us),
      loads.map(load => load.perSecond),
    ];
    line(
      `${target.padEnd(10)} ${callers.padStart(3)} callers ${columns.map(c => cell(median(c))).join('')} ${cell(median(cpuUs))}`,
    );
  }
  const p50 = (name: string) => of(name).loads.map(load => load.p50Us);
  const p99 = (name: string) => of(name).loads.map(load => load.p99Us);
  const rate = (name: string) => of(name).loads.map(load => load.perSecond);
  const beyondWarmMs = cold.firstMs.map((first, turn) => first - (cold.nextMs[turn] ?? 0));
  line();
  line('cold start, ms (medians)');
  line(`  first call ${median(cold.firstMs).toFixed(1)} · next call ${median(cold.nextMs).toFixed(2)}`);
  line(
    `  node -e 0 ${median(cold.nodeMs).toFixed(1)} · bwrap … node -e 0 ${median(cold.confinedNodeMs).toFixed(1)}`,
  );
  line();
  line('ratios, median (least to most)                               goal');
  line(
    `  P1  warm p50, engine ÷ bare path, one caller               ≤ 1.30   ${show(ratioOf(p50('engine 1'), p50('bare path 1')))}`,
  );
  line(
    `  P1  warm p99, engine ÷ bare path, one caller               ≤ 1.60   ${show(ratioOf(p99('engine 1'), p99('bare path 1')))}`,
  );
  for (const callers of CALLERS) {
    const ratio = ratioOf(rate(`engine ${callers}`), rate(`bare path ${callers}`));
    line(
      `      throughput, engine ÷ bare path, ${String(callers).padStart(2)} callers                 ${show(ratio)}`,
    );
  }
  line(
    `  P2  CPU per call, engine ÷ HTTP echo, 16 callers           ≤ 5      ${show(ratioOf(of('engine 16').cpuUs, of('HTTP echo 16').cpuUs))}`,
  );
  line(
    `  P3b cold beyond warm ÷ bwrap … node -e 0                   ≤ 1.20   ${show(ratioOf(beyondWarmMs, cold.confinedNodeMs))}`,
  );
  line('  P3a thread tier, P3c pooled sandboxes: not there yet, nothing to measure');
  line();
  line(
    'The bare path is three processes with a gRPC stream between two of them; `lambent up` runs gateway and worker',
  );
  line('in one process with no encoding between them, so P1 here is against a floor with one hop more.');
}
