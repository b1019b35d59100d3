import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { startTestEtcd, waitFor } from '@lambent/testing';
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
  assert.deepEqual(await probeEngine(`nats://127.0.0.1:${nats.port}`, options), { answers: true });
  assert.deepEqual(await probeEngine(`http://127.0.0.1:${etcd.port}`, options), { answers: true });
  nats.server.close();
  etcd.server.close();
});

test('one that takes connections and says nothing does not, nor one that is not there', async () => {
  const halted = await serve(socket => socket.on('error', () => undefined).resume());
  assert.deepEqual(await probeEngine(`http://127.0.0.1:${halted.port}`, options), { answers: false });
  halted.server.close();
  await once(halted.server, 'close');
  assert.deepEqual(await probeEngine(`http://127.0.0.1:${halted.port}`, options), { answers: false });
});

test('an etcd that is full says so', async () => {
  await using etcd = await startTestEtcd({ storeBytesMax: 1_024 ** 2 });
  assert.deepEqual(await probeEngine(etcd.url, options), { answers: true });
  const put = { key: 'aw==', value: Buffer.alloc(1_024 ** 2).toString('base64') };
  const full = async () => {
    const response = await fetch(`${etcd.url}/v3/kv/put`, { method: 'POST', body: JSON.stringify(put) });
    return /space exceeded/.test(await response.text());
  };
  await waitFor('it is full', full);
  assert.deepEqual(await probeEngine(etcd.url, options), { answers: true, trouble: 'ALARM NOSPACE' });
});
