import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { routedVersion } from './alias-record.ts';
import { alias } from './sample-function.ts';

test('an alias without a second version means its first, always', () => {
  for (const fraction of [0, 0.5, 0.999]) assert.equal(routedVersion(alias('live', '1'), fraction), '1');
});

test('a second version gets its share of the invocations: none, all, or near enough to what was asked', () => {
  const random = new SeededRandom(1);
  const share = (weight: number) => {
    const weighted = alias('live', '1', { version: '2', weight });
    const chosen = Array.from({ length: 10_000 }, () => routedVersion(weighted, random.fraction()));
    return chosen.filter(version => version === '2').length / chosen.length;
  };
  assert.equal(share(0), 0);
  assert.equal(share(1), 1);
  assert.ok(Math.abs(share(0.1) - 0.1) < 0.015);
});
