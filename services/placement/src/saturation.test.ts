import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { Saturation } from './saturation.ts';

test('a wait shorter than two reports proves nothing', () => {
  const saturation = new Saturation({ clock: new SimulatedClock() });
  assert.equal(saturation.proven('pool', 199), false);
  assert.equal(saturation.proven('pool', 200), true);
});

test('what one wait has proven holds for a second for everybody, of that limit only', async () => {
  const clock = new SimulatedClock();
  const saturation = new Saturation({ clock });
  saturation.proven('pool', 250);
  assert.equal(saturation.proven('pool', 0), true);
  assert.equal(saturation.proven('other', 0), false);
  await clock.advance(1_000);
  assert.equal(saturation.proven('pool', 0), false);
});

test('a slot seen free takes the proof back, and waits that began before prove nothing', async () => {
  const clock = new SimulatedClock();
  const saturation = new Saturation({ clock });
  saturation.proven('pool', 250);
  saturation.freed('pool');
  await clock.advance(150);
  assert.equal(saturation.proven('pool', 400), false);
  await clock.advance(50);
  assert.equal(saturation.proven('pool', 450), true);
});
