import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IDLE_MINUTES_MAX, IdleHistogram, MINUTE_MS } from './idle-histogram.ts';

function histogramOf(minutes: readonly number[]): IdleHistogram {
  const histogram = new IdleHistogram();
  for (const minute of minutes) histogram.record((minute + 0.5) * MINUTE_MS);
  return histogram;
}

test('of a function never seen, the longer it was idle the less likely it is used', () => {
  const hazards = new IdleHistogram().hazards();
  assert.ok(Math.abs((hazards[0] ?? 0) - 1 / 6) < 1e-9);
  for (let minute = 1; minute < IDLE_MINUTES_MAX; minute += 1)
    assert.ok((hazards[minute] ?? 1) < (hazards[minute - 1] ?? 0), `minute ${minute}`);
});

test('what came every 15 minutes is expected then, a little before and after, and hardly otherwise', () => {
  const hazards = histogramOf(Array.from({ length: 20 }, () => 15)).hazards();
  assert.ok((hazards[15] ?? 0) > 0.9);
  assert.ok((hazards[14] ?? 0) > 0.4);
  assert.ok((hazards[8] ?? 1) < 0.02);
});

test('a chance is one, whatever was recorded', () => {
  for (const minutes of [
    [0],
    [239],
    [500],
    [0, 1, 0, 1, 0],
    Array.from({ length: 1_000 }, (_, n) => n % 250),
  ])
    for (const hazard of histogramOf(minutes).hazards()) assert.ok(hazard >= 0 && hazard <= 1, `${hazard}`);
});

test('a new habit outweighs the old one after some two hundred uses', () => {
  const old = Array.from({ length: 10_000 }, () => 30);
  const fresh = Array.from({ length: 200 }, () => 5);
  const hazards = histogramOf([...old, ...fresh]).hazards();
  assert.ok((hazards[5] ?? 0) > 0.7, `${hazards[5]}`);
});
