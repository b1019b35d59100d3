import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageOf } from './page.ts';

test('pages follow one another to the end, and a marker that nobody gave is refused', () => {
  const all = ['a', 'b', 'c'];
  const first = pageOf({ MaxItems: 2 }, all, item => item);
  assert.deepEqual([first.items, first.IsTruncated], [['a', 'b'], true]);
  const second = pageOf({ MaxItems: 2, Marker: first.Marker }, all, item => item);
  assert.deepEqual(second, { items: ['c'], IsTruncated: false });
  assert.throws(() => pageOf({ Marker: '!' }, all, item => item), { name: 'ValidationException' });
});
