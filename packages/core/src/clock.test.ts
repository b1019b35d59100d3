import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, sleep } from './clock.ts';
import { Deadline, DeadlineExceeded } from './deadline.ts';
import { SimulatedClock } from './simulated-clock.ts';
import { SystemClock } from './system-clock.ts';

const clocks: Record<string, () => { clock: Clock; pass: (ms: number) => Promise<void> }> = {
  system: () => {
    const clock = new SystemClock();
    return { clock, pass: ms => sleep(clock, ms) };
  },
  simulated: () => {
    const clock = new SimulatedClock();
    return { clock, pass: ms => clock.advance(ms) };
  },
};

for (const [name, open] of Object.entries(clocks)) {
  test(`${name} clock: a timer fires once, not before its time, and a cancelled one never`, async () => {
    const { clock, pass } = open();
    const startMs = clock.monotonicMs();
    let firedMs = Number.NaN;
    let cancelled = false;
    clock.setTimer(20, () => (firedMs = clock.monotonicMs()));
    clock.setTimer(10, () => (cancelled = true)).cancel();
    await pass(60);
    assert.ok(firedMs - startMs >= 19, `${firedMs - startMs}`);
    assert.equal(cancelled, false);
  });

  test(`${name} clock: a sleep ends early with the signal's reason`, async () => {
    const { clock } = open();
    const controller = new AbortController();
    const sleeping = sleep(clock, 60_000, { signal: controller.signal });
    controller.abort(new Error('enough'));
    await assert.rejects(sleeping, /enough/);
    await assert.rejects(sleep(clock, 1, { signal: controller.signal }), /enough/);
  });
}

test('simulated time fires timers in order of their time, then of their making, and runs promises between', async () => {
  const clock = new SimulatedClock();
  const order: string[] = [];
  clock.setTimer(20, () => order.push('late'));
  clock.setTimer(10, () => void Promise.resolve().then(() => order.push('promise of the first')));
  clock.setTimer(10, () => order.push('second'));
  await clock.advance(15);
  assert.deepEqual(order, ['promise of the first', 'second']);
  await clock.advance(5);
  assert.deepEqual(order, ['promise of the first', 'second', 'late']);
  assert.equal(clock.pendingTimers, 0);
});

test('a deadline aborts at its time, follows its parent, and takes its timer back', async () => {
  const clock = new SimulatedClock();
  const parent = new AbortController();
  const late = Deadline.after(clock, 100);
  const following = Deadline.after(clock, 100, parent.signal);
  {
    using _kept = Deadline.after(clock, 100);
    assert.equal(clock.pendingTimers, 3);
  }
  assert.equal(clock.pendingTimers, 2);
  await clock.advance(40);
  assert.equal(late.remainingMs, 60);
  parent.abort(new Error('the parent'));
  assert.match(String(following.signal.reason), /the parent/);
  await clock.advance(60);
  assert.ok(late.signal.reason instanceof DeadlineExceeded);
  assert.equal(late.remainingMs, 0);
});
