import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { byRendezvous } from '@lambent/membership';
import { Placements } from './placements.ts';

const [FIRST = '', SECOND = '', THIRD = ''] = byRendezvous('pool', ['a:1', 'b:1', 'c:1']);

test('whoever answers for the limit is asked first', () => {
  const { placements } = openPlacements();
  assert.deepEqual(placements.inOrder('pool'), [FIRST, SECOND, THIRD]);
});

test('one that failed is asked last for a while, and then by one question only', async () => {
  const { placements, clock } = openPlacements();
  placements.failed(FIRST);
  assert.deepEqual(placements.inOrder('pool'), [SECOND, THIRD, FIRST]);
  await clock.advance(2_000);
  assert.deepEqual(placements.inOrder('pool'), [FIRST, SECOND, THIRD]);
  assert.deepEqual(placements.inOrder('pool'), [SECOND, THIRD, FIRST]);
  placements.answered(FIRST);
  assert.deepEqual(placements.inOrder('pool'), [FIRST, SECOND, THIRD]);
});

test('when all have failed all are asked', () => {
  const { placements } = openPlacements();
  for (const address of [FIRST, SECOND, THIRD]) placements.failed(address);
  assert.deepEqual(placements.inOrder('pool'), [FIRST, SECOND, THIRD]);
});

test('replicas come and go; when none is seen those last seen are asked', () => {
  const { placements } = openPlacements();
  placements.set([SECOND]);
  assert.deepEqual(placements.inOrder('pool'), [SECOND]);
  placements.set([]);
  assert.deepEqual(placements.inOrder('pool'), [SECOND]);
  placements.set(['d:1', SECOND]);
  assert.deepEqual(placements.inOrder('pool').toSorted(), [SECOND, 'd:1'].toSorted());
});

function openPlacements() {
  const clock = new SimulatedClock();
  return { clock, placements: new Placements({ clock, addresses: ['a:1', 'b:1', 'c:1'] }) };
}
