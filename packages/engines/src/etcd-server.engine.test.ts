import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startTestEtcd, startTestEtcdCluster, TestCertificates } from '@lambent/testing';
import { isHealthy } from './health.ts';

test('an etcd answers once it is started, and again after a kill on the same ports', async () => {
  await using etcd = await startTestEtcd();
  const { url, server } = etcd;
  assert.equal(await isHealthy(`${url}/health`), true);
  assert.deepEqual(await server.kill9(), { status: null, signal: 'SIGKILL' });
  assert.equal(await isHealthy(`${url}/health`), false);
  await etcd.restart();
  assert.equal(etcd.url, url);
  assert.equal(await isHealthy(`${url}/health`), true);
});

test('an etcd that is paused says nothing, and ends when it is told to', async () => {
  await using etcd = await startTestEtcd();
  etcd.server.pause();
  assert.equal(await isHealthy(`${etcd.url}/health`), false);
  etcd.server.resume();
  assert.equal(await isHealthy(`${etcd.url}/health`), true);
  etcd.server.pause();
  assert.deepEqual(await etcd.server.stop(), { status: null, signal: 'SIGTERM' });
});

test('three of etcd are one cluster, which goes on without one of them', async () => {
  const cluster = await startTestEtcdCluster(3);
  await using stack = new AsyncDisposableStack();
  for (const etcd of cluster) stack.use(etcd);
  await cluster[0]?.server.kill9();
  await cluster[0]?.restart();
  for (const { url } of cluster) assert.equal(await isHealthy(`${url}/health`), true);
});

test('with certificates every member shows its own, and a stranger learns nothing', async () => {
  await using certificates = await TestCertificates.open();
  await using strangers = await TestCertificates.open();
  const { files: tls } = await certificates.issue('etcd');
  const { files: foreign } = await strangers.issue('etcd');
  const cluster = await startTestEtcdCluster(3, { tls });
  await using stack = new AsyncDisposableStack();
  for (const etcd of cluster) stack.use(etcd);
  for (const { url } of cluster) {
    assert.match(url, /^https:/);
    assert.equal(await isHealthy(`${url}/health`, tls), true);
    assert.equal(await isHealthy(`${url}/health`), false);
    assert.equal(await isHealthy(`${url}/health`, { ...foreign, ca: tls.ca }), false);
  }
});
