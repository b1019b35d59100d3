import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PoolTarget } from './pool-target.ts';

const target = () => new PoolTarget({ min: 1, max: 4 });

test('each start that finds none raises the target, up to the bound', () => {
  const tried = target();
  assert.equal(tried.value, 1);
  for (const expected of [2, 3, 4, 4]) {
    tried.missed();
    assert.equal(tried.value, expected);
  }
});

test('what a whole period never needed goes', () => {
  const tried = target();
  for (let miss = 0; miss < 3; miss += 1) tried.missed();
  tried.review(4);
  assert.equal(tried.value, 4, 'in this period there were none');
  tried.taken(3);
  tried.taken(2);
  tried.review(4);
  assert.equal(tried.value, 2);
  tried.review(2);
  assert.equal(tried.value, 1);
  tried.review(1);
  assert.equal(tried.value, 1);
});

test('what is needed in every period stays', () => {
  const tried = target();
  tried.missed();
  for (let period = 0; period < 5; period += 1) {
    tried.review(2);
    tried.taken(1);
    tried.taken(0);
  }
  assert.equal(tried.value, 2);
});
