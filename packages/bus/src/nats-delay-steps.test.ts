import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DELAY_STEPS_MS, delayStep, stepName, stepOf } from './nats-delay-steps.ts';

test('a delay is rounded up to the next step', () => {
  const steps = [0, 1, 1_000, 1_001, 60_000, 61_000, 299_999, 300_000];
  assert.deepEqual(
    steps.map(delayMs => delayStep(DELAY_STEPS_MS, delayMs).stepMs),
    [0, 1_000, 1_000, 2_000, 60_000, 64_000, 300_000, 300_000],
  );
});

test('what is left of a delay beyond the last step is waited for afterwards', () => {
  assert.deepEqual(delayStep(DELAY_STEPS_MS, 301_000), { stepMs: 300_000, restMs: 1_000 });
});

test('the steps are in ascending order, and known by their names', () => {
  assert.deepEqual(
    DELAY_STEPS_MS,
    DELAY_STEPS_MS.toSorted((a, b) => a - b),
  );
  for (const stepMs of [0, ...DELAY_STEPS_MS]) assert.equal(stepOf(stepName(stepMs)), stepMs);
  for (const name of ['', 'after-', 'after-x', 'after-0', 'later']) assert.equal(stepOf(name), undefined);
});
