import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { OpenClusterFile, readClusterFile } from './cluster-file.ts';

const PLAN = {
  name: 'lambent',
  replicas: 1,
  host: '127.0.0.1',
  tls: false,
  engines: [{ kind: 'nats', id: 'nats-1', data: '/d/nats-1', url: 'nats://127.0.0.1:1', peerPort: 2 }],
  members: [{ role: 'worker', id: 'worker-1', data: '/d/worker-1', admin: 'http://127.0.0.1:3' }],
} as const;

async function folder() {
  const path = await mkdtemp(join(tmpdir(), 'lambent-cluster-file-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

test('the file tells the lives of the parts as they come and go, and nothing of them afterwards', async () => {
  await using directory = await folder();
  {
    await using file = await OpenClusterFile.open(directory.path, PLAN);
    assert.deepEqual(await readClusterFile(directory.path), { ...PLAN, supervisorPid: process.pid });
    await file.note('nats-1', { pid: 11, monitorUrl: 'http://127.0.0.1:4' });
    await file.note('worker-1', { pid: 12 });
    const found = await readClusterFile(directory.path);
    assert.deepEqual([found?.engines[0]?.pid, found?.members[0]?.pid], [11, 12]);
    assert.deepEqual(file.monitorUrls, ['http://127.0.0.1:4']);
    await file.note('nats-1', undefined);
    assert.equal((await readClusterFile(directory.path))?.engines[0]?.pid, undefined);
    assert.deepEqual(file.monitorUrls, []);
  }
  assert.deepEqual(await readClusterFile(directory.path), PLAN);
  assert.deepEqual(await readdir(directory.path), ['cluster.json']);
});

test('of many changes at once the last one stands', async () => {
  await using directory = await folder();
  await using file = await OpenClusterFile.open(directory.path, PLAN);
  await Promise.all(Array.from({ length: 50 }, (_, at) => file.note('worker-1', { pid: at + 1 })));
  assert.equal((await readClusterFile(directory.path))?.members[0]?.pid, 50);
});

test('what is no such file tells of no cluster', async () => {
  await using directory = await folder();
  assert.equal(await readClusterFile(directory.path), undefined);
  await writeFile(join(directory.path, 'cluster.json'), '{"name":');
  assert.equal(await readClusterFile(directory.path), undefined);
});
