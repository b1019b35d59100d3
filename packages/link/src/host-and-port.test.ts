import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostAndPort } from './host-and-port.ts';

test('an address is taken apart, whichever kind its host is of', () => {
  assert.deepEqual(hostAndPort('127.0.0.1:0'), { host: '127.0.0.1', port: 0 });
  assert.deepEqual(hostAndPort('worker-1.example:9400'), { host: 'worker-1.example', port: 9400 });
  assert.deepEqual(hostAndPort('[fd00::1]:9400'), { host: 'fd00::1', port: 9400 });
});
