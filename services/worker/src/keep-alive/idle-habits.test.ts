import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdleHabits } from './idle-habits.ts';
import { MINUTE_MS } from './idle-histogram.ts';

test('each function has habits of its own', () => {
  const habits = new IdleHabits();
  for (let use = 0; use < 10; use += 1) {
    habits.used('often', 5_000);
    habits.used('hourly', 60.5 * MINUTE_MS);
  }
  assert.ok(habits.plan('often').keepMs > 0);
  assert.equal(habits.plan('often').prewarm, undefined);
  assert.equal(habits.plan('hourly').prewarm?.fromMs, 59 * MINUTE_MS);
  assert.ok(habits.plan('hourly').keepMs < 5 * MINUTE_MS);
});

test('the same uses come to the same decisions', () => {
  const planned = () => {
    const habits = new IdleHabits();
    for (const minutes of [1, 30, 2, 31, 1, 29]) habits.used('f', minutes * MINUTE_MS);
    return habits.plan('f');
  };
  assert.deepEqual(planned(), planned());
});

test('of more functions than it remembers the one used longest ago is as one never seen', () => {
  const habits = new IdleHabits();
  const teach = (id: string) => {
    for (let use = 0; use < 5; use += 1) habits.used(id, 60.5 * MINUTE_MS);
  };
  teach('first');
  teach('second');
  habits.used('first', 60.5 * MINUTE_MS);
  for (let other = 0; other < 9_999; other += 1) habits.used(`other-${other}`, 0);
  assert.ok(habits.plan('first').prewarm);
  assert.deepEqual(habits.plan('second'), habits.plan('never seen'));
});
