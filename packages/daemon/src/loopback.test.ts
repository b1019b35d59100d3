import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { isLoopback, requireLoopback } from './loopback.ts';

test('only names and addresses that never leave the machine are loopback', () => {
  for (const host of ['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost'])
    assert.ok(isLoopback(host), host);
  for (const host of ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example', 'localhost.example', '128.0.0.1'])
    assert.ok(!isLoopback(host), host);
});

test('an address that others reach is refused with the way to allow it', () => {
  requireLoopback('LAMBENT_LISTEN', '127.0.0.1');
  assert.throws(
    () => requireLoopback('LAMBENT_LISTEN', '0.0.0.0'),
    (error: unknown) => {
      assert.ok(isFailure(error, 'config-invalid'));
      assert.match(error.message, /LAMBENT_LISTEN .*0\.0\.0\.0 can be reached .*--insecure-listen/);
      return true;
    },
  );
});
