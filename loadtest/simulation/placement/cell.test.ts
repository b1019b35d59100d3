import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { readTrace } from '../keep-alive/traced-function.ts';
import { Cell } from './cell.ts';
import { functionLoads } from './function-load.ts';

const WORKERS = 20;

test('at the peak of a day workers are loaded evenly, and only calls without an environment are asked about', async () => {
  await using cell = await openCell();
  const { calls, warm, decisionUs, imbalance } = await cell.play(0, 60);
  assert.ok(Math.max(...imbalance) <= 1.25, `${imbalance}`);
  assert.ok(warm > calls * 0.98, `${warm} of ${calls} are warm`);
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

async function openCell(): Promise<Cell> {
  const loads = functionLoads(await readTrace(), 2, new SeededRandom(2));
  return Cell.open({ seed: 2, loads, workers: WORKERS });
}
