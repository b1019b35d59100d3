import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedLabels } from './bounded-labels.ts';

test('the first values of a label are told apart, all further ones are counted as other', () => {
  const labels = new BoundedLabels({ max: 2 });
  assert.deepEqual(labels.bound({ function: 'a', outcome: 'ok' }), { function: 'a', outcome: 'ok' });
  assert.deepEqual(labels.bound({ function: 'b', outcome: 'ok' }), { function: 'b', outcome: 'ok' });
  assert.deepEqual(labels.bound({ function: 'c', outcome: 'ok' }), { function: 'other', outcome: 'ok' });
  assert.deepEqual(labels.bound({ function: 'a' }), { function: 'a' });
});

test('labels within the bound are not copied', () => {
  const given = { function: 'a' };
  assert.equal(new BoundedLabels().bound(given), given);
  assert.equal(new BoundedLabels().bound(undefined), undefined);
});
