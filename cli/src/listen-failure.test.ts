import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { fromListenError } from './listen-failure.ts';
import type { UpOptions } from './up-options.ts';

const OPTIONS: UpOptions = {
  data: '.',
  port: 9_000,
  grpcPort: 9_090,
  adminPort: 9_091,
  host: '192.0.2.1',
  account: '000000000000',
  region: 'us-east-1',
  logLevel: 'info',
};

function messageOf(fields: object): string {
  const error = Object.assign(new Error('listen failed'), { syscall: 'listen' }, fields);
  const translated = fromListenError(error, OPTIONS);
  assert.ok(isFailure(translated, 'config-invalid'));
  assert.equal(translated.cause, error);
  return translated.message;
}

test('a listener that cannot open is told as the option to change', () => {
  assert.match(messageOf({ code: 'EADDRINUSE', port: 9_000 }), /--port .*port 9000 is in use by another/);
  assert.match(messageOf({ code: 'EADDRINUSE', port: 9_091 }), /--admin-port .*port 9091 is in use/);
  assert.match(messageOf({ code: 'EADDRINUSE', port: 9_090 }), /--grpc-port .*port 9090 is in use/);
  assert.match(messageOf({ code: 'EACCES', port: 80 }), /--port .*port 80 needs rights/);
  assert.match(messageOf({ code: 'EADDRNOTAVAIL', port: 9_000 }), /--host .*192\.0\.2\.1 is not an address/);
  assert.match(messageOf({ code: 'ENOTFOUND', hostname: 'nowhere' }), /--host .*nowhere is not the name/);
});

test('any other error stays as it is', () => {
  const bug = new TypeError('a mistake');
  assert.equal(fromListenError(bug, OPTIONS), bug);
  const disk = Object.assign(new Error('no space'), { syscall: 'write', code: 'ENOSPC' });
  assert.equal(fromListenError(disk, OPTIONS), disk);
});
