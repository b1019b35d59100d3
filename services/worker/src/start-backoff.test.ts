import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentKeyText } from '@lambent/contracts';
import { StartBackoff } from './start-backoff.ts';

const KEY = 'key' as EnvironmentKeyText;

test('failing starts are tried again after 1, 2, 4 and then every 8 s', () => {
  const backoff = new StartBackoff();
  let nowMs = 0;
  const delays: number[] = [];
  for (let failure = 0; failure < 7; failure += 1) {
    backoff.failed(KEY, nowMs);
    const failedMs = nowMs;
    while (!backoff.mayStart(KEY, nowMs)) nowMs += 100;
    delays.push(nowMs - failedMs);
  }
  assert.deepEqual(delays, [1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000]);
});

test('starts that fail together count once, and a good one clears all', () => {
  const backoff = new StartBackoff();
  for (let start = 0; start < 5; start += 1) backoff.failed(KEY, start);
  assert.equal(backoff.mayStart(KEY, 1_000), true);
  backoff.failed(KEY, 1_000);
  assert.equal(backoff.mayStart(KEY, 2_000), false);
  backoff.succeeded(KEY);
  assert.equal(backoff.mayStart(KEY, 2_000), true);
});
