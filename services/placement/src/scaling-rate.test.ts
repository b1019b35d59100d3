import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { ScalingRate } from './scaling-rate.ts';

test('a function starts so many at once, and then what comes back of them continuously', async () => {
  const { rate, clock } = openRate();
  assert.equal(rate.take('f', 1_200), 1_000);
  assert.equal(rate.take('f', 1), 0);
  await clock.advance(250);
  assert.equal(rate.take('f', 100), 25);
  await clock.advance(5);
  assert.equal(rate.take('f', 1), 0);
  await clock.advance(5);
  assert.equal(rate.take('f', 1), 1);
});

test('what is not used is not saved up, and each function has its own', async () => {
  const { rate, clock } = openRate();
  rate.take('f', 600);
  await clock.advance(60_000);
  assert.equal(rate.take('f', 2_000), 1_000);
  assert.equal(rate.take('g', 2_000), 1_000);
});

test('a function that has everything back is forgotten', async () => {
  const { rate, clock } = openRate();
  for (let number = 0; number < 500; number++) rate.take(`f-${number}`, 1);
  assert.equal(rate.size, 500);
  await clock.advance(10_000);
  rate.take('g', 1);
  assert.equal(rate.size, 1);
});

test('of more functions than there can be the one that took longest ago is forgotten', () => {
  const { rate } = openRate();
  rate.take('first', 1_000);
  for (let number = 0; number < 100_000; number++) rate.take(`f-${number}`, 1);
  assert.equal(rate.size, 100_000);
  assert.equal(rate.take('first', 1), 1);
});

function openRate() {
  const clock = new SimulatedClock();
  return { clock, rate: new ScalingRate({ clock, scalingPer10s: 1_000 }) };
}
