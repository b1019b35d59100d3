import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertNodeVersion } from './node-version.ts';

test('a Node.js that cannot run the sources is told what to do instead', () => {
  for (const version of ['20.20.2', '22.18.0', '24.11.1']) {
    assert.throws(() => assertNodeVersion(version), /24\.12 or newer is needed and this is .*npm ci/);
  }
});

test('newer ones are taken as they are', () => {
  for (const version of ['24.12.0', '24.21.0', '26.10.0']) assertNodeVersion(version);
  assertNodeVersion();
});
