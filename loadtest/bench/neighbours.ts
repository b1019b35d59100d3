import { SystemRandom } from '@lambent/core';
import { rampArrivals } from '../load/arrivals.ts';
import { DeployedFunctions, type Program } from '../load/deployed-functions.ts';
import { runOpenLoop } from '../load/loop.ts';
import { measure } from '../load/measurement.ts';
import { Recording } from '../load/recording.ts';
import type { Target } from '../load/target.ts';
import { median, ratioOf } from '../report/ratio.ts';
import { type Engine, startEngine } from './engine.ts';
import type { Bench, Figures } from './figure.ts';
import { CONNECTIONS } from './interleaved.ts';

/** P10: what one function suffers of others on the same worker that take all they are given. */
export const neighbours = { name: 'neighbours', measure: measureNeighbours } as const;

/** It computes: one that waits would not notice who takes the CPU. */
const VICTIM_EVENT = Buffer.from(JSON.stringify({ spinMs: 20 }));
const VICTIM_PER_SECOND = 20;
/** At that rate a block must be longer than others for a percentile of it to mean something. */
const BLOCKS_LONG = 5;
/** Calls under way beyond which it is not the neighbours that are measured. */
const OUTSTANDING_MAX = 100;

/** Each is called by so many at once, and so runs in as many environments. */
const CALLERS_EACH = 2;
const NEIGHBOUR_MEMORY_MB = 256;
const NEIGHBOUR_EVENT = Buffer.from('{}');
const NEIGHBOURS: Readonly<Record<string, string>> = {
  spinning: `for (const end = performance.now() + 500; performance.now() < end; );`,
  allocating: `const held = [];
  for (let mb = 0; mb < 120; mb++) held.push(Buffer.alloc(1 << 20, mb));`,
  flooding: `for (let line = 0; line < 5_000; line++) console.log('a line of a hundred characters '.repeat(3));`,
};

async function measureNeighbours(bench: Bench): Promise<Figures> {
  await using engine = await startEngine(CONNECTIONS);
  const names = Object.keys(NEIGHBOURS);
  const plans = names.map(name => ({
    name: `bench-${name}`,
    runtime: 'nodejs24.x' as const,
    memoryMb: NEIGHBOUR_MEMORY_MB,
    timeoutSeconds: 30,
    program: programOf(NEIGHBOURS[name] ?? ''),
  }));
  await using _functions = await DeployedFunctions.deploy(engine.client, plans);
  await using victim = engine.open(VICTIM_EVENT);
  await p99Of(victim, { ...bench, block: 0 });
  const aloneMs: number[] = [];
  const besideMs: number[] = [];
  for (let block = 1; block <= bench.blocks; block++) {
    bench.progress(`neighbours: block ${block}/${bench.blocks}, alone`);
    aloneMs.push(await p99Of(victim, { ...bench, block }));
    bench.progress(`neighbours: block ${block}/${bench.blocks}, beside ${names.join(', ')}`);
    await using _busy = keepBusy(engine, names);
    besideMs.push(await p99Of(victim, { ...bench, block }));
  }
  return {
    tables: [
      {
        title: 'a function of 20 ms of CPU, 20/s',
        columns: ['p99 ms'],
        rows: [
          ['alone', median(aloneMs)],
          ['beside its neighbours', median(besideMs)],
        ],
      },
    ],
    findings: [
      {
        about: 'P10 p99 beside spinning, allocating, flooding neighbours ÷ alone',
        goal: { atMost: 2 },
        ratio: ratioOf(besideMs, aloneMs),
      },
    ],
  };
}

async function p99Of(
  victim: Target,
  { clock, signal, blockMs, block }: Bench & { block: number },
): Promise<number> {
  signal.throwIfAborted();
  const durationMs = blockMs * BLOCKS_LONG;
  const recording = new Recording({ clock });
  const arrivals = rampArrivals({
    durationMs,
    from: VICTIM_PER_SECOND,
    to: VICTIM_PER_SECOND,
    spacing: 'even',
    copies: 1,
    random: new SystemRandom(),
  });
  const loop = {
    target: victim,
    arrivals,
    outstandingMax: OUTSTANDING_MAX,
    durationMs,
    recording,
    clock,
    signal,
  };
  const { tally, latency } = await measure(victim, recording, { phase: 'victim', block }, () =>
    runOpenLoop(loop),
  );
  signal.throwIfAborted();
  if (tally.ok !== tally.sent) throw new Error(`the victim was not served: ${JSON.stringify(tally)}`);
  return latency.p99Ms;
}

/** Calls all of them again and again, until it is disposed. What they answer does not matter. */
function keepBusy(engine: Engine, names: readonly string[]): AsyncDisposable {
  const targets = names.map(name => engine.open(NEIGHBOUR_EVENT, { functionName: `bench-${name}` }));
  let over = false;
  const caller = async (target: Target) => {
    while (!over) await target.call(0);
  };
  const callers = targets.flatMap(target => Array.from({ length: CALLERS_EACH }, () => caller(target)));
  return {
    async [Symbol.asyncDispose]() {
      over = true;
      await Promise.all(callers);
      await Promise.all(targets.map(target => target[Symbol.asyncDispose]()));
    },
  };
}

function programOf(statements: string): Program {
  return {
    handler: 'index.handler',
    files: { 'index.mjs': `export const handler = async event => {\n  ${statements}\n  return event;\n};\n` },
  };
}
