import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { LimitSlots } from './limit-slots.ts';

function openSlots(usable: number) {
  const [clock, limit] = [new SimulatedClock(), { usable }];
  const slots = new LimitSlots({ clock, usable: () => limit.usable, changed: () => undefined });
  return { clock, limit, slots };
}

test('no more slots are given than may be used, and each is given back once', () => {
  const { slots } = openSlots(2);
  const first = slots.take('one');
  slots.take('two');
  assert.equal(slots.take('three'), undefined);
  first?.[Symbol.dispose]();
  first?.[Symbol.dispose]();
  assert.deepEqual([slots.used, slots.free], [1, 1]);
});

test('when fewer may be used than are, none is free until enough came back', () => {
  const { slots, limit } = openSlots(3);
  const taken = ['one', 'two', 'three'].map(requestId => slots.take(requestId));
  limit.usable = 1;
  assert.deepEqual([slots.used, slots.free], [3, 0]);
  taken[0]?.[Symbol.dispose]();
  taken[1]?.[Symbol.dispose]();
  assert.equal(slots.take('four'), undefined);
  taken[2]?.[Symbol.dispose]();
  assert.ok(slots.take('four'));
});

const NOBODY = { starting: 0, ready: 0 };

test('wanted is what starts, and what is ready or was refused within a second, beyond what is free', async () => {
  const { slots, limit, clock } = openSlots(1);
  assert.deepEqual(
    [slots.wanted({ starting: 1, ready: 0 }), slots.wanted({ starting: 1, ready: 2 })],
    [0, 2],
  );
  slots.take('one');
  for (const requestId of ['two', 'two', 'three']) assert.equal(slots.take(requestId), undefined);
  assert.equal(slots.wanted(NOBODY), 2);
  assert.equal(slots.wanted({ starting: 1, ready: 1 }), 3);
  await clock.advance(900);
  slots.take('two');
  await clock.advance(200);
  assert.equal(slots.wanted(NOBODY), 1);
  limit.usable = 2;
  assert.equal(slots.wanted(NOBODY), 0);
  assert.ok(slots.take('two'));
  assert.equal(slots.wanted(NOBODY), 0);
});
