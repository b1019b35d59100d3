import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeKeyPart, encodeKeyPart } from './key.ts';

test('a name comes back from its key part, which holds no separator', () => {
  for (const name of ['', 'plain-name_1', 'a/b', '../x', '%2F', '$LATEST', 'ü\u{1f600}', 'a b\0c']) {
    const part = encodeKeyPart(name);
    assert.equal(part.includes('/'), false);
    assert.equal(decodeKeyPart(part), name);
  }
});

test('different names give different parts', () => {
  assert.notEqual(encodeKeyPart('a/b'), encodeKeyPart('a%2Fb'));
});
