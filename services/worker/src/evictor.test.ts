import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseEvicted } from './evictor.ts';

const IDLE = [
  { name: 'young', memoryMb: 128, idleSinceMs: 30, worth: 1 },
  { name: 'oldest', memoryMb: 128, idleSinceMs: 10, worth: 1 },
  { name: 'old', memoryMb: 512, idleSinceMs: 20, worth: 1 },
];

const names = (freeMb: number, neededMb: number) =>
  chooseEvicted(IDLE, { freeMb, neededMb })?.map(one => one.name);

test('the longest idle go first, and no more than are needed', () => {
  assert.deepEqual(names(0, 128), ['oldest']);
  assert.deepEqual(names(0, 129), ['oldest', 'old']);
  assert.deepEqual(names(100, 200), ['oldest']);
});

test('nobody goes when there is room, or when it would not help', () => {
  assert.deepEqual(names(128, 128), []);
  assert.equal(names(0, 769), undefined);
});

test('what is worth less goes before what is idle longer', () => {
  const idle = [...IDLE, { name: 'dull', memoryMb: 128, idleSinceMs: 40, worth: 0.5 }];
  const evicted = chooseEvicted(idle, { freeMb: 0, neededMb: 200 });
  assert.deepEqual(
    evicted?.map(one => one.name),
    ['dull', 'oldest'],
  );
});
