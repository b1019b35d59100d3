import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { Saturation } from './saturation.ts';

test('a wait that the reports did not have time to explain proves nothing', () => {
  const { saturation } = openSaturation();
  assert.equal(saturation.proofOf('pool', { waiting: 1, waitedMs: 499 }), 'none');
  assert.equal(saturation.proofOf('pool', { waiting: 1, waitedMs: 500 }), 'good');
});

test('what one wait has proven holds for a second for everybody, of that limit only', async () => {
  const { saturation, clock } = openSaturation();
  saturation.proofOf('pool', { waiting: 1, waitedMs: 500 });
  assert.equal(saturation.proofOf('pool', { waiting: 1, waitedMs: 0 }), 'good');
  assert.equal(saturation.proofOf('other', { waiting: 1, waitedMs: 500 }), 'none');
  await clock.advance(1_000);
  assert.equal(saturation.proofOf('pool', { waiting: 1, waitedMs: 0 }), 'old');
});

test('an old proof holds for all but one until that one has proven it anew', async () => {
  const { saturation, clock } = openSaturation();
  saturation.proofOf('pool', { waiting: 9, waitedMs: 500 });
  await clock.advance(1_000);
  assert.equal(saturation.proofOf('pool', { waiting: 9, waitedMs: 0 }), 'old');
  await clock.advance(500);
  saturation.observe('pool', 0);
  assert.equal(saturation.proofOf('pool', { waiting: 1, waitedMs: 500 }), 'good');
  await clock.advance(2_000);
  assert.equal(saturation.proofOf('pool', { waiting: 9, waitedMs: 0 }), 'none');
});

test('as many unused slots as wait take the proof back, and for half a second there is none', async () => {
  const { saturation, clock } = openSaturation();
  saturation.proofOf('pool', { waiting: 2, waitedMs: 500 });
  saturation.observe('pool', 1);
  assert.equal(saturation.proofOf('pool', { waiting: 1, waitedMs: 0 }), 'good');
  saturation.observe('pool', 2);
  assert.equal(saturation.proofOf('pool', { waiting: 2, waitedMs: 600 }), 'none');
  await clock.advance(521);
  saturation.observe('pool', 0);
  assert.equal(saturation.proofOf('pool', { waiting: 2, waitedMs: 1_100 }), 'good');
});

test('slots that are unused for a moment here and there are no help to many more who wait', () => {
  const { saturation } = openSaturation();
  saturation.observe('pool', 20);
  assert.equal(saturation.proofOf('pool', { waiting: 20, waitedMs: 500 }), 'none');
  assert.equal(saturation.proofOf('pool', { waiting: 21, waitedMs: 500 }), 'good');
});

test('those who may still find an unused slot are as many as there were at once in the last half second', async () => {
  const { saturation, clock } = openSaturation();
  assert.equal(saturation.mostUnused('other'), 0);
  saturation.observe('pool', 20);
  await clock.advance(400);
  saturation.observe('pool', 3);
  assert.equal(saturation.mostUnused('pool'), 20);
  await clock.advance(400);
  saturation.observe('pool', 1);
  assert.equal(saturation.mostUnused('pool'), 3);
});

function openSaturation() {
  const clock = new SimulatedClock();
  const saturation = new Saturation({ clock });
  saturation.observe('pool', 0);
  return { clock, saturation };
}
