import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Holder, spread } from './spread.ts';

const worker = (workerId: string, holder: Partial<Holder> = {}): Holder => ({
  workerId,
  told: 0,
  held: 0,
  room: 100,
  ...holder,
});
const counts = (goal: number, ...holders: Holder[]) => [...spread(goal, holders).values()];

test('they are spread evenly', () => {
  assert.deepEqual(counts(7, worker('a'), worker('b'), worker('c')), [3, 2, 2]);
});

test('who has room for few has few, and where there is no room for all some are missing', () => {
  assert.deepEqual(counts(7, worker('a', { room: 1 }), worker('b'), worker('c')), [1, 3, 3]);
  assert.deepEqual(counts(7, worker('a', { room: 1 }), worker('b', { room: 2 })), [1, 2]);
});

test('who holds some keeps them, whoever joins', () => {
  const [a, b] = [worker('a', { told: 4, held: 4 }), worker('b', { told: 3, held: 3 })];
  assert.deepEqual(counts(7, a, b, worker('c')), [4, 3, 0]);
  assert.deepEqual(counts(9, a, b, worker('c')), [4, 3, 2]);
});

test('what did not come up for want of memory goes elsewhere', () => {
  assert.deepEqual(
    counts(6, worker('a', { told: 3, held: 1, room: 0 }), worker('b', { told: 3, held: 3 })),
    [1, 5],
  );
});

test('fewer: first what has not come up yet, then from who holds most', () => {
  const [a, b] = [worker('a', { told: 5, held: 5 }), worker('b', { told: 3, held: 1 })];
  assert.deepEqual(counts(6, a, b), [5, 1]);
  assert.deepEqual(counts(4, a, b), [3, 1]);
  assert.deepEqual(counts(0, a, b), [0, 0]);
});

test('what is asked again and again with what came of it stays as it is', () => {
  let holders = ['a', 'b', 'c', 'd'].map(workerId => worker(workerId, { room: 3 }));
  const first = spread(10, holders);
  for (let held = 0; held <= 3; held += 1) {
    holders = holders.map(holder => {
      const told = first.get(holder.workerId) ?? 0;
      return { ...holder, told, held: Math.min(told, held), room: 3 - Math.min(told, held) };
    });
    assert.deepEqual(spread(10, holders), first);
  }
});
