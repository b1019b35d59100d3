import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EnvironmentKeyText } from '@lambent/contracts';
import { fail, SimulatedClock } from '@lambent/core';
import { Refusals } from './refusals.ts';

const ERROR = fail('limit-reached');

test('a refusal holds for as long as reports take, for its key only', async () => {
  const { refusals, clock } = openRefusals();
  refusals.add(key('f'), ERROR);
  assert.equal(refusals.of(key('f')), ERROR);
  assert.equal(refusals.of(key('g')), undefined);
  await clock.advance(100);
  assert.equal(refusals.of(key('f')), undefined);
});

test('what is refused anew holds anew, and what placement takes back holds no longer', async () => {
  const { refusals, clock } = openRefusals();
  refusals.add(key('f'), ERROR);
  refusals.add(key('g'), ERROR);
  await clock.advance(60);
  refusals.add(key('f'), ERROR);
  await clock.advance(60);
  assert.equal(refusals.of(key('f')), ERROR);
  assert.equal(refusals.of(key('g')), undefined);
  refusals.delete(key('f'));
  assert.equal(refusals.of(key('f')), undefined);
});

test('of too many the one that ends first is forgotten', () => {
  const { refusals } = openRefusals();
  for (let number = 0; number <= 10_000; number++) refusals.add(key(`f-${number}`), ERROR);
  assert.equal(refusals.of(key('f-0')), undefined);
  assert.equal(refusals.of(key('f-1')), ERROR);
});

function openRefusals() {
  const clock = new SimulatedClock();
  return { clock, refusals: new Refusals({ clock }) };
}

function key(name: string): EnvironmentKeyText {
  return name as EnvironmentKeyText;
}
