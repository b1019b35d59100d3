import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blockOf, freeOf, type Limit } from './limit.ts';

const limit = (slots: number | undefined, grants: Record<string, number> = {}): Limit => ({
  id: 'pool',
  slots,
  grants: new Map(Object.entries(grants)),
});

test('a block is a quarter of an even share, at least one and at most sixteen', () => {
  assert.equal(blockOf(limit(1_000), 1), 16);
  assert.equal(blockOf(limit(100), 5), 5);
  assert.equal(blockOf(limit(100, { a: 97 }), 5), 1);
  assert.equal(blockOf(limit(100), 0), 16);
});

test('nothing is given of a limit that is used up, lowered or unknown', () => {
  assert.equal(blockOf(limit(100, { a: 100 }), 5), 0);
  assert.equal(blockOf(limit(50, { a: 100 }), 5), 0);
  assert.equal(freeOf(limit(50, { a: 100 })), -50);
  assert.equal(blockOf(limit(undefined), 5), 0);
});
