import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keyRange, sortsAfter } from './key-range.ts';

test('a range ends where the last character of its prefix counts one on', () => {
  assert.deepEqual(keyRange('a/'), { from: 'a/', to: 'a0' });
});

test('a range skips what no text can hold', () => {
  assert.equal(keyRange('a\u{d7ff}').to, 'a\u{e000}');
  assert.equal(keyRange('a\u{10ffff}\u{10ffff}').to, 'b');
});

test('a range without an end is open', () => {
  assert.deepEqual(keyRange('').to, new Uint8Array(0));
  assert.deepEqual(keyRange('\u{10ffff}').to, new Uint8Array(0));
});

test('keys sort by their UTF-8, not by their UTF-16', () => {
  assert.equal(sortsAfter('\u{10000}', '\u{ffff}'), true);
  assert.equal('\u{10000}' > '\u{ffff}', false);
});
