import assert from 'node:assert/strict';
import { test } from 'node:test';
import { limitKey } from './cluster-keys.ts';
import { Limits } from './limits.ts';

test('a function counts against its reservation, and against the pool when that is gone', () => {
  const limits = new Limits(
    new Map([
      [limitKey('pool'), { wanted: 80, held: 80 }],
      [limitKey('reserved'), { wanted: 20, held: 0, reserved: 20 }],
      [limitKey('removed'), { wanted: 0, held: 3 }],
      [limitKey('closed'), { wanted: 0, held: 2, reserved: 0 }],
    ]),
  );
  assert.deepEqual(
    ['reserved', 'removed', 'closed', 'unknown'].map(each => limits.limitOf(each)),
    ['reserved', 'pool', 'closed', 'pool'],
  );
  assert.deepEqual(
    ['reserved', 'removed', 'closed', 'unknown'].map(each => limits.isClosed(each)),
    [false, false, true, false],
  );
  assert.equal(new Limits().limitOf('reserved'), 'pool');
});
