import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseDurationMs } from './duration.ts';

test('a duration is a number and a unit', () => {
  assert.deepEqual(
    ['500ms', '90s', '10m', '2h', '1d'].map(parseDurationMs),
    [500, 90_000, 600_000, 7_200_000, 86_400_000],
  );
});

test('anything else is refused with what it should be', () => {
  for (const wrong of ['', '10', 'm', '-1m', '1.5h', '10 m', '1w'])
    assert.throws(() => parseDurationMs(wrong), /a number and a unit/, wrong);
});
