import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { KeptDeadline } from './kept-deadline.ts';

function openDeadline() {
  const clock = new SimulatedClock();
  const state = { busy: false, killedMs: Number.POSITIVE_INFINITY, told: 0 };
  const keeper = {
    renew: (untilMs: number) => {
      state.killedMs = untilMs;
      state.told += 1;
    },
  };
  const deadline = new KeptDeadline({ keeper, clock, busy: () => state.busy });
  return { clock, state, deadline };
}

test('an idle process may hang for a minute, whatever becomes of its lease', async () => {
  const { clock, state, deadline } = openDeadline();
  deadline.held(20_000);
  assert.equal(state.killedMs, 60_000);
  await clock.advance(100_000);
  assert.equal(state.killedMs, 160_000);
});

test('while anything runs the keeper kills no later than the lease ends', async () => {
  const { clock, state, deadline } = openDeadline();
  deadline.held(70_000);
  state.busy = true;
  deadline.changed();
  assert.equal(state.killedMs, 60_000);
  await clock.advance(65_000);
  assert.ok(state.killedMs < 70_000);
  state.busy = false;
  deadline.changed();
  assert.equal(state.killedMs, 125_000);
});

test('what begins to run shortly before the end of the lease is told of at once', async () => {
  const { clock, state, deadline } = openDeadline();
  deadline.held(20_000);
  await clock.advance(15_000);
  state.busy = true;
  deadline.changed();
  assert.ok(state.killedMs < 20_000);
  deadline.held(30_000);
  assert.ok(state.killedMs > 20_000 && state.killedMs < 30_000);
});

test('what begins and ends with much of the lease left costs no message', async () => {
  const { state, deadline } = openDeadline();
  deadline.held(900_000);
  const { told } = state;
  for (let run = 0; run < 1_000; run += 1) {
    state.busy = run % 2 === 0;
    deadline.changed();
  }
  assert.equal(state.told, told);
});

test('closing leaves the rest of the process a minute', async () => {
  const { clock, state, deadline } = openDeadline();
  await clock.advance(5_000);
  deadline[Symbol.dispose]();
  assert.deepEqual([state.killedMs, clock.pendingTimers], [65_000, 0]);
});
