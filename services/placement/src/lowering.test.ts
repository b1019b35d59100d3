import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Limit } from './limit.ts';
import { Lowering } from './lowering.ts';

test('each holder comes down to its part of the lowered limit', () => {
  const { parts, news } = new Lowering().partsOf(limit(10, { a: 20, b: 9, c: 1 }));
  assert.deepEqual(
    [...parts],
    [
      ['a', 6],
      ['b', 3],
      ['c', 0],
    ],
  );
  assert.equal(news, true);
});

test('parts stay what they were while others come down, and only who holds more is told', () => {
  const lowering = new Lowering();
  lowering.partsOf(limit(10, { a: 20, b: 10 }));
  const { parts, news } = lowering.partsOf(limit(10, { a: 20, b: 3 }));
  assert.deepEqual([...parts], [['a', 6]]);
  assert.equal(news, false);
});

test('a limit that falls further shares out anew, and one that fits asks nobody', () => {
  const lowering = new Lowering();
  lowering.partsOf(limit(10, { a: 20, b: 10 }));
  const further = lowering.partsOf(limit(5, { a: 20, b: 10 }));
  assert.deepEqual(
    [...further.parts],
    [
      ['a', 3],
      ['b', 1],
    ],
  );
  assert.equal(further.news, true);
  assert.equal(lowering.partsOf(limit(30, { a: 20, b: 10 })).parts.size, 0);
  assert.equal(lowering.partsOf(limit(5, { a: 20, b: 10 })).news, true);
});

function limit(slots: number, grants: Record<string, number>): Limit {
  return { id: 'pool', slots, grants: new Map(Object.entries(grants)) };
}
