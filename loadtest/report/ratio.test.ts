import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, ratioOf, showRatio } from './ratio.ts';

test('a ratio is the median of what the blocks say, each beside its own floor', () => {
  const ratio = ratioOf([10, 40, 30], [10, 20, 10]);
  assert.deepEqual(ratio, { median: 2, least: 1, most: 3 });
  assert.equal(showRatio(ratio), '2.00 (1.00 to 3.00)');
});

test('a block without a floor says nothing, and without any there is no ratio', () => {
  assert.deepEqual(ratioOf([10, 40], [10]), { median: 1, least: 1, most: 1 });
  assert.equal(ratioOf([10], [0]), undefined);
});

test('the median of an even number is between the two in the middle', () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(median([7]), 7);
});
