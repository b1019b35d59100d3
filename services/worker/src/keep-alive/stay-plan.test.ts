import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { IdleHistogram, MINUTE_MS } from './idle-histogram.ts';
import { planStay, type StayPlan, worthOf } from './stay-plan.ts';

const PRICES = { idleMinute: 0.045, prewarm: 0.3 };

const always = (hazard: number) => new Float64Array(240).fill(hazard);
const at = (minute: number) => always(0).fill(1, minute, minute + 1);

test('what is used soon stays until then, and nothing is started for it', () => {
  assert.deepEqual(planStay(at(3), PRICES), { keepMs: 4 * MINUTE_MS });
});

test('what is used much later goes at once and is started just before', () => {
  const prewarm = { fromMs: 60 * MINUTE_MS, untilMs: 61 * MINUTE_MS };
  assert.deepEqual(planStay(at(60), PRICES), { keepMs: 0, prewarm });
});

test('what is never used goes at once, and is not started again', () => {
  assert.deepEqual(planStay(always(0), PRICES), { keepMs: 0 });
});

test('what may be used at any time stays as long as that is worth its price', () => {
  assert.deepEqual(planStay(always(0.05), PRICES), { keepMs: 240 * MINUTE_MS });
  assert.deepEqual(planStay(always(0.04), PRICES), { keepMs: 0 });
});

test('the dearer an idle minute, the less memory is spent, whatever was seen', () => {
  const random = new SeededRandom(7);
  for (let trial = 0; trial < 100; trial += 1) {
    const histogram = new IdleHistogram();
    for (let use = 0; use < 20; use += 1) histogram.record(random.fraction() ** 3 * 300 * MINUTE_MS);
    const hazards = histogram.hazards();
    const spent = [0.005, 0.05, 0.5].map(idleMinute =>
      expectedIdleMs(hazards, planStay(hazards, { ...PRICES, idleMinute })),
    );
    assert.deepEqual(
      spent,
      spent.toSorted((a, b) => b - a),
      `trial ${trial}`,
    );
  }
});

test('an environment about to be used is worth a cold start, one that will not be is worth nothing', () => {
  assert.equal(worthOf(at(0), PRICES, 0), 1);
  assert.equal(worthOf(always(0), PRICES, 0), 0);
  assert.equal(worthOf(at(5), PRICES, 1_000 * MINUTE_MS), 0);
  assert.ok(worthOf(at(20), PRICES, 18 * MINUTE_MS) > worthOf(at(20), PRICES, 5 * MINUTE_MS));
});

/** What a plan costs in memory on the average: each minute that somebody is there, by the chance to get so far unused. */
function expectedIdleMs(hazards: Float64Array, { keepMs, prewarm }: StayPlan): number {
  let [unused, spentMs] = [1, 0];
  for (const [minute, hazard] of hazards.entries()) {
    unused *= 1 - hazard;
    const idleMs = minute * MINUTE_MS;
    const there = idleMs < keepMs || (prewarm && idleMs >= prewarm.fromMs && idleMs < prewarm.untilMs);
    if (there) spentMs += unused * MINUTE_MS;
  }
  return spentMs;
}
