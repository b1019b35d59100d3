import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NatsStepWatch } from './nats-step-watch.ts';

const STEP_MS = 60_000;

test('a step that was found to hold something is looked at once, and each second while nothing is known of it', () => {
  const watch = new NatsStepWatch();
  watch.learn(new Set([0, STEP_MS]), 0);
  assert.deepEqual(watch.due(10), [STEP_MS]);
  watch.looked(STEP_MS, 10, false);
  assert.deepEqual(watch.due(1_009), []);
  assert.deepEqual(watch.due(1_010), [STEP_MS]);
});

test('a step is not looked at before what this process put there falls due', () => {
  const watch = new NatsStepWatch();
  watch.expect(STEP_MS, 7, 2_000);
  assert.equal(watch.nextLookAtMs, 2_005);
  assert.equal(watch.delivered(STEP_MS, 7), 0);
  watch.looked(STEP_MS, 2_005, false);
  assert.deepEqual(watch.due(2_500), []);
});

test('a step whose head is far away is looked at now and then all the same', () => {
  const watch = new NatsStepWatch();
  watch.tooEarly(STEP_MS, 7, STEP_MS);
  watch.looked(STEP_MS, 0, false);
  assert.equal(watch.nextLookAtMs, 5_000);
  assert.equal(watch.earlyMessages, 1);
  watch.tooEarly(STEP_MS, 7, STEP_MS);
  assert.equal(watch.delivered(STEP_MS, 7), 2);
  assert.equal(watch.earlyMessages, 0);
});

test('a message that is not there at its time is looked for soon, but not for ever', () => {
  const watch = new NatsStepWatch();
  watch.expect(STEP_MS, 7, 2_000);
  watch.looked(STEP_MS, 2_005, false);
  assert.equal(watch.nextLookAtMs, 2_025);
  watch.looked(STEP_MS, 3_010, false);
  assert.equal(watch.nextLookAtMs, 4_010);
});

test('several messages that were given back are each looked for at their time', () => {
  const watch = new NatsStepWatch();
  for (const sequence of [1, 2, 3]) watch.tooEarly(STEP_MS, sequence, 100 * sequence);
  watch.looked(STEP_MS, 0, false);
  for (const sequence of [1, 2, 3]) {
    const atMs = 100 * sequence + 5;
    assert.equal(watch.nextLookAtMs, atMs);
    assert.equal(watch.delivered(STEP_MS, sequence), 1);
    watch.looked(STEP_MS, atMs, false);
  }
});

test('a survey ends the watch of a step that holds nothing, unless something came after it was asked for', () => {
  const watch = new NatsStepWatch();
  watch.expect(1_000, 1, 1_500);
  watch.expect(2_000, 2, 2_500);
  watch.learn(new Set(), 2_000);
  assert.deepEqual(watch.due(10_000), [2_000]);
});

test('a step that may hold more, or something given back, is looked at again at once', () => {
  const watch = new NatsStepWatch();
  watch.looked(STEP_MS, 100, true);
  assert.deepEqual(watch.due(100), [STEP_MS]);
  watch.looked(STEP_MS, 100, false);
  watch.wake(STEP_MS);
  assert.deepEqual(watch.due(100), [STEP_MS]);
});

test('of very many messages in a step the earliest are remembered', () => {
  const watch = new NatsStepWatch();
  for (let sequence = 0; sequence < 5_000; sequence++) watch.tooEarly(STEP_MS, sequence, 10_000 - sequence);
  assert.equal(watch.earlyMessages, 1_000);
  assert.equal(watch.delivered(STEP_MS, 4_999), 1);
});
