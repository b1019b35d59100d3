import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SimulatedClock, sleep } from '@lambent/core';
import type { Arrival } from './arrivals.ts';
import { runClosedLoop, runOpenLoop } from './loop.ts';
import type { Outcome } from './outcome.ts';
import { Recording } from './recording.ts';
import type { Target } from './target.ts';

const WARM: Outcome = { kind: 'ok', cold: false };

/** Answers each call after what `tookMs` says of its number. */
function slowTarget(clock: SimulatedClock, tookMs: (call: number) => number): Target {
  let calls = 0;
  return {
    name: 'slow',
    async call() {
      await sleep(clock, tookMs(calls++));
      return WARM;
    },
    async [Symbol.asyncDispose]() {},
  };
}

function everyMs(gapMs: number, durationMs: number): Arrival[] {
  return Array.from({ length: durationMs / gapMs }, (_, index) => ({ atMs: index * gapMs, copy: 0 }));
}

function stage() {
  const clock = new SimulatedClock();
  return { clock, recording: new Recording({ clock }), stop: new AbortController() };
}

describe('an open loop', () => {
  test('sends when a call is due, whatever becomes of those before', async () => {
    const { clock, recording, stop } = stage();
    const done = runOpenLoop({
      ...{ clock, recording, signal: stop.signal, durationMs: 1_000, outstandingMax: 100 },
      target: slowTarget(clock, () => 350),
      arrivals: everyMs(100, 1_000),
    });
    await clock.advance(2_000);
    await done;
    const { sent, ok, unsent, late } = recording.tally();
    assert.deepEqual({ sent, ok, unsent, late }, { sent: 10, ok: 10, unsent: 0, late: 0 });
    assert.equal(Math.round(recording.latency.summary().maxMs), 350);
    // Four of ten were answered after the time was over.
    assert.equal(recording.throughput, 7);
  });

  test('counts what it could not send instead of growing', async () => {
    const { clock, recording, stop } = stage();
    const done = runOpenLoop({
      ...{ clock, recording, signal: stop.signal, durationMs: 1_000, outstandingMax: 2 },
      target: slowTarget(clock, () => 10_000),
      arrivals: everyMs(100, 1_000),
    });
    await clock.advance(12_000);
    await done;
    const { due, sent, unsent, ok } = recording.tally();
    assert.deepEqual({ due, sent, unsent, ok }, { due: 10, sent: 2, unsent: 8, ok: 2 });
  });

  test('latency counts from when a call was due, also when the sender was behind', async () => {
    const { clock, recording, stop } = stage();
    const arrivals = everyMs(100, 1_000);
    // The third one is asked for half a second late, as by a process that stood still.
    const behind: Iterable<Arrival> = {
      *[Symbol.iterator]() {
        yield* arrivals.slice(0, 2);
        yield { atMs: -400, copy: 0 };
      },
    };
    const done = runOpenLoop({
      ...{ clock, recording, signal: stop.signal, durationMs: 1_000, outstandingMax: 100 },
      target: slowTarget(clock, () => 10),
      arrivals: behind,
    });
    await clock.advance(2_000);
    await done;
    assert.equal(Math.round(recording.service.summary().maxMs), 10);
    assert.equal(Math.round(recording.latency.summary().maxMs), 510);
    assert.equal(Math.round(recording.lag.summary().maxMs), 500);
    assert.equal(recording.tally().late, 1);
  });

  test('ended early it sends no more, and gives up soon what is not answered', async () => {
    const { clock, recording, stop } = stage();
    const done = runOpenLoop({
      ...{ clock, recording, signal: stop.signal, durationMs: 60_000, outstandingMax: 100 },
      target: slowTarget(clock, call => (call === 0 ? 10 : 1_000_000)),
      arrivals: everyMs(1_000, 60_000),
    });
    await clock.advance(2_500);
    stop.abort();
    await clock.advance(5_000);
    await done;
    recording.close();
    const { sent, ok, unanswered } = recording.tally();
    assert.deepEqual({ sent, ok, unanswered }, { sent: 3, ok: 1, unanswered: 2 });
  });
});

describe('a closed loop', () => {
  test('sends the next call of a caller when its last was answered', async () => {
    const { clock, recording, stop } = stage();
    const done = runClosedLoop({
      ...{ clock, recording, signal: stop.signal, durationMs: 1_000, callers: 3, copies: 1 },
      target: slowTarget(clock, () => 100),
    });
    await clock.advance(2_000);
    await done;
    const { sent, ok } = recording.tally();
    assert.deepEqual({ sent, ok }, { sent: 30, ok: 30 });
    assert.equal(Math.round(recording.latency.summary().p50Ms), 100);
  });

  test('waits for what is under way when its time is over', async () => {
    const { clock, recording, stop } = stage();
    const done = runClosedLoop({
      ...{ clock, recording, signal: stop.signal, durationMs: 1_000, callers: 1, copies: 1 },
      target: slowTarget(clock, () => 700),
    });
    await clock.advance(3_000);
    await done;
    const { sent, ok, unanswered } = recording.tally();
    assert.deepEqual({ sent, ok, unanswered }, { sent: 2, ok: 2, unanswered: 0 });
    assert.equal(recording.seconds, 1);
    assert.equal(recording.throughput, 1);
  });
});
