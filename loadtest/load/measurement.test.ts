import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { measure } from './measurement.ts';
import type { Outcome } from './outcome.ts';
import { Recording } from './recording.ts';
import { addTallies } from './tally.ts';

const OUTCOMES: readonly Outcome[] = [
  { kind: 'ok', cold: true },
  { kind: 'ok', cold: false },
  { kind: 'throttled' },
  { kind: 'failed', error: 'Boom' },
  { kind: 'error', error: 'ECONNREFUSED' },
  { kind: 'error', error: 'ECONNREFUSED' },
];

/** Each call takes a millisecond of CPU. */
async function measureAll() {
  const clock = new SimulatedClock();
  const recording = new Recording({ clock });
  let calls = 0;
  const target = {
    name: 'target',
    call: async (copy: number) => {
      calls += 1;
      return OUTCOMES[copy] as Outcome;
    },
    cpuUs: () => 5_000 + calls * 1_000,
    [Symbol.asyncDispose]: async () => {},
  };
  return measure(target, recording, { phase: 'all', block: 1 }, async () => {
    recording.begin();
    for (const copy of OUTCOMES.keys()) await recording.call(target, { dueMs: 0, copy });
    recording.unsent();
    await clock.advance(2_000);
  });
}

test('every call that was due is in exactly one count, and only good answers are in the latencies', async () => {
  const { tally, latency, lag, throughput, cpuUsPerCall, seconds } = await measureAll();
  assert.deepEqual(tally, {
    ...{ due: 7, unsent: 1, sent: 6, late: 0, ok: 2, cold: 1, throttled: 1, failed: 1, error: 2 },
    unanswered: 0,
    errors: { Boom: 1, ECONNREFUSED: 2 },
  });
  assert.equal(latency.count, 2);
  assert.equal(lag.count, 6);
  assert.equal(cpuUsPerCall, 1_000);
  assert.deepEqual({ throughput, seconds }, { throughput: 1, seconds: 2 });
});

test('the tallies of blocks add up, name by name', async () => {
  const { tally } = await measureAll();
  const { due, ok, errors } = addTallies([tally, tally]);
  assert.deepEqual({ due, ok, errors }, { due: 14, ok: 4, errors: { Boom: 2, ECONNREFUSED: 4 } });
});
