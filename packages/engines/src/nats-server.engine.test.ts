import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test } from 'node:test';
import { startTestNats, startTestNatsCluster, TestCertificates } from '@lambent/testing';
import { isHealthy } from './health.ts';

test('a nats-server takes messages of 2 MiB and headers, and keeps streams', async () => {
  await using nats = await startTestNats();
  const info = await greetingOf(nats.url);
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

test('how much streams may set aside does not depend on how full the disk is', async () => {
  await using nats = await startTestNats();
  const response = await fetch(`${nats.server.monitorUrl}/jsz`);
  const { config } = (await response.json()) as { config: { max_storage: number } };
  assert.equal(config.max_storage, Number.MAX_SAFE_INTEGER);
});

test('three nats-servers are one cluster', async () => {
  const cluster = await startTestNatsCluster(3);
  await using stack = new AsyncDisposableStack();
  for (const nats of cluster) stack.use(nats);
  const response = await fetch(`${cluster[0]?.server.monitorUrl}/jsz`);
  const { meta_cluster: meta } = (await response.json()) as { meta_cluster: { cluster_size: number } };
  assert.equal(meta.cluster_size, 3);
});

test('with certificates three nats-servers are one cluster, and clients need one, too', async () => {
  await using certificates = await TestCertificates.open();
  const { files: tls } = await certificates.issue('nats');
  const cluster = await startTestNatsCluster(3, { tls });
  await using stack = new AsyncDisposableStack();
  for (const nats of cluster) stack.use(nats);
  for (const { url } of cluster) {
    assert.match(url, /^tls:/);
    const { tls_required, tls_verify } = await greetingOf(url);
    assert.deepEqual([tls_required, tls_verify], [true, true]);
  }
});

interface Greeting {
  readonly max_payload: number;
  readonly jetstream: boolean;
  readonly tls_required?: boolean;
  readonly tls_verify?: boolean;
}

/** What a server says first, before any encryption. */
async function greetingOf(url: string): Promise<Greeting> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').setEncoding('utf8');
  const [text] = (await once(socket, 'data')) as [string];
  socket.destroy();
  return JSON.parse(text.replace(/^INFO /, ''));
}
