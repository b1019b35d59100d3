import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { freePort } from './free-port.ts';

test('a free port can be listened on, and is another one while somebody does', async () => {
  const host = '127.0.0.1';
  const port = await freePort(host, new SeededRandom(7));
  await using server = createServer().listen(port, host);
  await once(server, 'listening');
  assert.notEqual(await freePort(host, new SeededRandom(7)), port);
});

test('an address that is not of this machine has no free port', async () => {
  await assert.rejects(freePort('192.0.2.1'), { code: 'EADDRNOTAVAIL' });
});
