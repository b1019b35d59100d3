import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { readTrace } from '../keep-alive/traced-function.ts';
import { Cell } from './cell.ts';
import { type FunctionLoad, functionLoads } from './function-load.ts';

const WORKERS = 20;
/** Of a load of which most calls need an environment that is started. */
const FUNCTIONS = 10_000;
const CALLS_PER_SECOND = 60;
const CALL_SECONDS = 10;

test('at the peak of a day workers are loaded evenly, and only calls without an environment are asked about', async () => {
  await using cell = await openCell();
  const { calls, atOnce, freed, decisionUs, needless, imbalance } = await cell.play(0, 60);
  assert.ok(Math.max(...imbalance) <= 1.25, `${imbalance}`);
  assert.ok(atOnce + freed > calls * 0.98, `${atOnce} and ${freed} of ${calls} are warm`);
  assert.equal(needless, 0);
  assert.ok(decisionUs.length < calls / 20, `${decisionUs.length} questions for ${calls} calls`);
});

test('a worker that joins gets its even share of what starts from then on, however much code others have', async () => {
  await using cell = await openCell();
  await cell.play(0, 10);
  const newcomer = cell.join('newcomer');
  const { starts } = await cell.play(10, 120);
  const gained = [...newcomer.held.values()].reduce((sum, { starting, ready }) => sum + starting + ready, 0);
  assert.ok(gained >= (0.8 * starts) / (WORKERS + 1), `${gained} of ${starts}`);
});

test('of a load that needs starts a worker that joins has its share in flight within three lengths of a call', async () => {
  const [before, after] = [loadsOf([CALLS_PER_SECOND, 0]), loadsOf([0, CALLS_PER_SECOND])];
  await using cell = await Cell.open({ seed: 1, loads: [...before, ...after], workers: WORKERS });
  await cell.play(0, 60);
  const newcomer = cell.join('newcomer');
  const { starts, calls, imbalance } = await cell.play(60, 60 + 3 * CALL_SECONDS);
  const inFlight = cell.workers.reduce((sum, worker) => sum + worker.inFlight, 0);
  assert.ok(starts > calls / 2, `${starts} starts for ${calls} calls`);
  assert.ok(
    newcomer.inFlight * 1.25 >= inFlight / cell.workers.length,
    `${newcomer.inFlight} of ${inFlight}`,
  );
  assert.ok((imbalance.at(-1) ?? 0) <= 1.25, `${imbalance.at(-1)}`);
});

/** Functions that nobody called before, each for the first time at some moment of its minute. */
function loadsOf(perSecond: readonly number[]): FunctionLoad[] {
  return Array.from({ length: FUNCTIONS }, () => ({
    perSecond: perSecond.map(calls => calls / FUNCTIONS),
    warm: 0,
    durationSeconds: CALL_SECONDS,
    memoryMb: 128,
  }));
}

async function openCell(): Promise<Cell> {
  const loads = functionLoads(await readTrace(), 2, new SeededRandom(2));
  return Cell.open({ seed: 2, loads, workers: WORKERS });
}
