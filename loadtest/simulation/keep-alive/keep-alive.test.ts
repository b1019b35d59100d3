import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LEAST_RECENTLY_USED, playBounded } from './bounded-day.ts';
import { learnedOrder, learnedStay } from './learned-stay.ts';
import { searchPrice } from './price-search.ts';
import { fixedStay, playTimed } from './timed-day.ts';
import { halve, readTrace } from './traced-function.ts';

const FUNCTIONS = await readTrace();

test('a fixed keep-alive on the traced day comes to what is known of it', () => {
  const day = playTimed(FUNCTIONS, () => fixedStay(10));
  assert.deepEqual([day.cold, day.idleMinutes, day.prewarmed], [8_819, 256_211, 0]);
  assert.equal(day.coldShareP75.toFixed(3), '0.424');
});

test('room for 360 environments, the longest idle evicted first, comes to what is known of it', () => {
  assert.equal(playBounded(FUNCTIONS, 360, LEAST_RECENTLY_USED).cold, 8_574);
});

test('as shipped the learned keep-alive has far fewer cold starts in the memory of ten minutes for each', () => {
  const fixedTen = playTimed(FUNCTIONS, () => fixedStay(10));
  const learned = playTimed(FUNCTIONS, () => learnedStay());
  assert.ok(learned.cold < 0.85 * fixedTen.cold, `cold ${learned.cold}`);
  assert.ok(learned.idleMinutes < 1.02 * fixedTen.idleMinutes, `idle ${learned.idleMinutes}`);
  assert.ok(learned.cold + learned.prewarmed < fixedTen.cold, `prewarmed ${learned.prewarmed}`);
  assert.ok(learned.coldShareP75 < 0.35, `p75 ${learned.coldShareP75}`);
});

test('in the same room the learned order of eviction has fewer cold starts than the longest idle first', () => {
  const learned = playBounded(FUNCTIONS, 360, learnedOrder());
  assert.ok(learned.cold < 0.85 * 8_574, `cold ${learned.cold}`);
});

test('the halves are of one size, have no function in common and follow from the seed', () => {
  const { chosenOn, scoredOn } = halve(FUNCTIONS, 1);
  assert.equal(new Set([...chosenOn, ...scoredOn]).size, 1_000);
  assert.equal(chosenOn.length, scoredOn.length);
  assert.deepEqual(halve(FUNCTIONS, 1).scoredOn, scoredOn);
  assert.notDeepEqual(halve(FUNCTIONS, 2).scoredOn, scoredOn);
});

test('a price is found where what it decides turns', () => {
  assert.ok(Math.abs(searchPrice(price => price < 0.2) - 0.2) < 0.001);
});
