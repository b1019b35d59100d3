import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startTestNats, startTestNatsCluster } from '@lambent/testing';
import { isHealthy } from './health.ts';

test('a nats-server takes messages of 2 MiB and headers, and keeps streams', async () => {
  await using nats = await startTestNats();
  const { port } = new URL(nats.url);
  const socket = connect(Number(port), '127.0.0.1').setEncoding('utf8');
  const [greeting] = (await once(socket, 'data')) as [string];
  socket.destroy();
  const info = JSON.parse(greeting.replace(/^INFO /, '')) as { max_payload: number; jetstream: boolean };
  assert.ok(info.max_payload > 2 * 1_024 ** 2);
  assert.equal(info.jetstream, true);
});

test('a nats-server writes through before it acknowledges', async () => {
  await using nats = await startTestNats();
  const response = await fetch(`${nats.server.monitorUrl}/jsz`);
  const { config } = (await response.json()) as { config: { sync_always: boolean } };
  assert.equal(config.sync_always, true);
});

test('a nats-server starts again where it was after a kill', async () => {
  await using nats = await startTestNats();
  const { url, server } = nats;
  await server.kill9();
  assert.equal(await isHealthy(`${server.monitorUrl}/healthz`), false);
  await nats.restart();
  assert.equal(nats.url, url);
  assert.equal(await isHealthy(`${nats.server.monitorUrl}/healthz`), true);
});

test('three nats-servers are one cluster', async () => {
  const cluster = await startTestNatsCluster(3);
  await using stack = new AsyncDisposableStack();
  for (const nats of cluster) stack.use(nats);
  const response = await fetch(`${cluster[0]?.server.monitorUrl}/jsz`);
  const { meta_cluster: meta } = (await response.json()) as { meta_cluster: { cluster_size: number } };
  assert.equal(meta.cluster_size, 3);
});
