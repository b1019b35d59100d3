import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { openSession, sealSession } from './session-token.ts';

const random = new SeededRandom(1);
const KEY = random.bytes(32);
const SESSION = {
  accessKeyId: 'ASIA',
  secretAccessKey: 'secret',
  identity: { kind: 'root' },
  expiresMs: 5,
} as const;

test('a session is read back with the key it was sealed with, and by no other', () => {
  const token = sealSession(SESSION, KEY, random);
  assert.deepEqual(openSession(token, KEY), SESSION);
  assert.equal(openSession(token, random.bytes(32)), undefined);
});

test('a token of which any byte was changed is none', () => {
  const bytes = Buffer.from(sealSession(SESSION, KEY, random), 'base64');
  for (const at of bytes.keys()) {
    const changed = Buffer.from(bytes);
    changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
    assert.equal(openSession(changed.toString('base64'), KEY), undefined, String(at));
  }
  for (const made of ['', 'AQ==', 'x'.repeat(10_000)]) assert.equal(openSession(made, KEY), undefined);
});
