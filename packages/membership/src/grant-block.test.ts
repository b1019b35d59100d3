import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantBlock } from './grant-block.ts';

test('a block is a part of a worker’s share of what is free, at least one slot and at most sixteen, while any is free', () => {
  assert.equal(grantBlock({ free: 1_000, workers: 1 }), 16);
  assert.equal(grantBlock({ free: 100, workers: 5 }), 5);
  assert.equal(grantBlock({ free: 3, workers: 5 }), 1);
  assert.equal(grantBlock({ free: 100, workers: 0 }), 16);
  assert.equal(grantBlock({ free: 0, workers: 5 }), 0);
  assert.equal(grantBlock({ free: -50, workers: 5 }), 0);
});
