import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeOf, type Limit } from './limit.ts';

const limit = (slots: number | undefined, grants: Record<string, number> = {}): Limit => ({
  id: 'pool',
  slots,
  grants: new Map(Object.entries(grants)),
});

test('what nobody holds of a limit is free: less than nothing when it has fallen, nothing when it is unknown', () => {
  assert.equal(freeOf(limit(100, { a: 60, b: 30 })), 10);
  assert.equal(freeOf(limit(50, { a: 100 })), -50);
  assert.equal(freeOf(limit(undefined, { a: 1 })), 0);
});
