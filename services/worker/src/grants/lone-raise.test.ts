import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { LoneRaise } from './lone-raise.ts';

function openLone() {
  const clock = new SimulatedClock();
  const state = { wanted: 0, free: 0, raises: [] as number[] };
  const lone = new LoneRaise({
    clock,
    wanted: () => state.wanted > 0,
    raise: async () => {
      state.raises.push(clock.monotonicMs());
      const more = Math.min(2, state.free);
      state.free -= more;
      state.wanted -= more;
      return more > 0;
    },
  });
  return { clock, state, lone };
}

test('without advice what is wanted is raised after a moment, block by block', async () => {
  const { clock, state, lone } = openLone();
  lone.consider();
  await clock.advance(10_000);
  assert.deepEqual(state.raises, []);
  Object.assign(state, { wanted: 5, free: 100 });
  lone.consider();
  await clock.advance(1_000);
  assert.deepEqual(state.raises, [10_300, 10_350, 10_400]);
  assert.equal(clock.pendingTimers, 0);
});

test('raising in vain is tried ever less often', async () => {
  const { clock, state, lone } = openLone();
  state.wanted = 1;
  lone.consider();
  await clock.advance(20_000);
  assert.deepEqual(state.raises, [300, 900, 2_100, 4_500, 9_300, 14_300, 19_300]);
  lone[Symbol.dispose]();
  assert.equal(clock.pendingTimers, 0);
});

test('advice is waited for anew each time that it comes', async () => {
  const { clock, state, lone } = openLone();
  Object.assign(state, { wanted: 1, free: 1 });
  lone.consider();
  for (let turn = 0; turn < 10; turn += 1) {
    await clock.advance(200);
    lone.advised();
  }
  assert.deepEqual(state.raises, []);
  lone.advised(2_000);
  await clock.advance(1_999);
  assert.deepEqual(state.raises, []);
  await clock.advance(1);
  assert.equal(state.raises.length, 1);
});
