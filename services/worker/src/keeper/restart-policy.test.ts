import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  countEarlyEnds,
  EARLY_ENDS_MAX,
  FIRST_ENDS_MAX,
  restartDelayMs,
  STABLE_MS,
} from './restart-policy.ts';

test('each early end doubles the wait, up to a bound', () => {
  const delays = Array.from({ length: EARLY_ENDS_MAX }, (_, index) => restartDelayMs(index + 1, true));
  assert.deepEqual(delays, [200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600]);
});

test('after too many early ends in a row it is given up', () => {
  assert.equal(restartDelayMs(EARLY_ENDS_MAX + 1, true), undefined);
});

test('what was never ready is given up sooner', () => {
  const delays = Array.from({ length: FIRST_ENDS_MAX }, (_, index) => restartDelayMs(index + 1, false));
  assert.deepEqual(delays, [200, 400, undefined]);
});

test('a long life makes the earlier ends forgotten', () => {
  assert.equal(countEarlyEnds(7, STABLE_MS), 1);
  assert.equal(countEarlyEnds(7, STABLE_MS - 1), 8);
});
