import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { probeEngine } from './probe-engine.ts';

async function serve(onConnection: (socket: Socket) => void) {
  const server = createServer(onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

const options = { tls: undefined, clock: new SystemClock() };

test('a server that says something by itself answers, and one that does when it is asked', async () => {
  const nats = await serve(socket => socket.end('INFO {}\r\n'));
  const etcd = await serve(socket => socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\n\r\n')));
  assert.equal(await probeEngine(`nats://127.0.0.1:${nats.port}`, options), true);
  assert.equal(await probeEngine(`http://127.0.0.1:${etcd.port}`, options), true);
  nats.server.close();
  etcd.server.close();
});

test('one that takes connections and says nothing does not, nor one that is not there', async () => {
  const halted = await serve(socket => socket.on('error', () => undefined).resume());
  assert.equal(await probeEngine(`http://127.0.0.1:${halted.port}`, options), false);
  halted.server.close();
  await once(halted.server, 'close');
  assert.equal(await probeEngine(`http://127.0.0.1:${halted.port}`, options), false);
});
