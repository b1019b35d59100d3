import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { type CellFigures, none } from './cell.ts';
import { timePolicy } from './policy-rate.ts';

const CELLS = 40;
const WORKERS = 250;
/** Of each of the thousand functions of the trace, in each cell. */
const COPIES = 25;
const SECONDS = 120;
/** The fullest worker beside the average, in 99 of 100 seconds. */
const IMBALANCE_MAX = 1.25;

/**
 * A million functions on 10,000 workers in 40 cells, for the two minutes of the day in which most is called: what each
 * question to placement takes, how evenly workers are loaded, and that whoever finds an environment asks nobody. Then
 * the policy alone, with all 10,000 workers before it. False where workers are loaded too unevenly, or placement was
 * asked for what a router could have found; how long something takes is told and judges nothing.
 */
export async function simulatePlacement(options: {
  readonly seed: number;
  readonly tell: (line: string) => void;
}): Promise<boolean> {
  const { seed, tell } = options;
  const sum = none();
  const waiting = Array.from({ length: CELLS }, (_, number) => number);
  const lane = async () => {
    for (let number = waiting.shift(); number !== undefined; number = waiting.shift()) {
      const figures = await playCell(seed + number);
      sum.calls += figures.calls;
      sum.atOnce += figures.atOnce;
      sum.freed += figures.freed;
      sum.cold += figures.cold;
      sum.needless += figures.needless;
      sum.starts += figures.starts;
      sum.decisionUs.push(...figures.decisionUs);
      sum.imbalance.push(...figures.imbalance);
      sum.memoryImbalance.push(...figures.memoryImbalance);
      tell(`cell ${number + 1} of ${CELLS}: ${figures.calls} calls, ${figures.starts} starts`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
  for (const line of linesOf(sum)) tell(line);
  const alone = timePolicy({ seed, workers: CELLS * WORKERS, functions: CELLS * COPIES * 1_000 });
  tell(`the policy alone, ${CELLS * WORKERS} workers: ${timesOf(alone)}`);
  return sum.needless === 0 && at(sum.imbalance, 0.99) <= IMBALANCE_MAX;
}

function playCell(seed: number): Promise<CellFigures> {
  const cell = new URL('cell-process.ts', import.meta.url);
  const child = fork(cell, [seed, WORKERS, COPIES, SECONDS].map(String));
  return new Promise((resolve, reject) => {
    child.once('message', figures => resolve(figures as CellFigures));
    child.once('exit', status => reject(new Error(`a cell ended with ${status}`)));
  });
}

function linesOf(sum: CellFigures): string[] {
  const { calls, atOnce, freed, cold, starts, decisionUs, needless, imbalance, memoryImbalance } = sum;
  return [
    `${calls} calls: ${atOnce} found an environment idle, ${freed} waited for one, ${cold} for one that was started`,
    `${decisionUs.length} questions to placement, ${needless} of them for what somebody had idle`,
    `${starts} environments started`,
    `placement: ${timesOf(decisionUs)}`,
    `in flight, the most of any worker beside the average: ${spreadOf(imbalance)}`,
    `memory, likewise: ${spreadOf(memoryImbalance)}`,
  ];
}

function timesOf(decisionUs: readonly number[]): string {
  const perSecond = (1e6 * decisionUs.length) / decisionUs.reduce((sum, us) => sum + us, 0);
  const [p50, p99] = [at(decisionUs, 0.5).toFixed(1), at(decisionUs, 0.99).toFixed(1)];
  return `${decisionUs.length} decisions, ${Math.round(perSecond)} a second and core, p50 ${p50} µs, p99 ${p99} µs`;
}

function spreadOf(values: readonly number[]): string {
  return `p50 ${at(values, 0.5).toFixed(2)}, p99 ${at(values, 0.99).toFixed(2)}, most ${at(values, 1).toFixed(2)}`;
}

function at(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
