import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { Owner, SANDBOXES_MAX } from './owner.ts';
import { Slots } from './slots.ts';
import { firstUserId } from './user-ids.ts';

const EVERY_ID = '         0          0 4294967295\n';

test('the same id gives the same names, another one others', () => {
  assert.equal(new Owner('a').tag, new Owner('a').tag);
  assert.notEqual(new Owner('a').tag, new Owner('b').tag);
  assert.notEqual(new Owner('a').number, new Owner('b').number);
});

test('an interface name with the highest slot fits the fifteen characters that the kernel allows', () => {
  for (const id of ['a', 'worker-1', 'x'.repeat(32)]) {
    assert.match(new Owner(id).tag, /^[0-9a-z]{7}$/);
    assert.ok(`lm${new Owner(id).tag}-${SANDBOXES_MAX - 1}`.length <= 15);
  }
});

test('an id that could not be part of a path is refused', () => {
  for (const id of ['', 'A', '../x', 'x'.repeat(33)]) assert.throws(() => new Owner(id), RangeError);
});

test('user ids lie where no account and no container has its own', () => {
  const first = firstUserId(new Owner('a'), EVERY_ID) ?? 0;
  assert.ok(first >= 2_000_000_000 && first + SANDBOXES_MAX <= 2 ** 31);
});

test('in a user namespace they lie within what it maps, or there are none', () => {
  assert.equal(firstUserId(new Owner('a'), '0 100000 65536\n'), 50_000);
  assert.equal(firstUserId(new Owner('a'), '0 1000 1\n'), undefined);
});

test('slots are bounded, and what was given back comes last', () => {
  const slots = new Slots(3);
  assert.deepEqual([slots.take(), slots.take()], [0, 1]);
  slots.giveBack(0);
  assert.deepEqual([slots.take(), slots.take()], [2, 0]);
  assert.throws(
    () => slots.take(),
    error => isFailure(error, 'environment-failed'),
  );
});
