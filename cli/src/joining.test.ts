import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { TestCertificates } from '@lambent/testing';
import { joinSettings } from './joining.ts';
import { saveJoinFile } from './local-cluster/join-file.ts';

test('one that joins is told what NATS is known to run with, and of an older file that it is not known', async t => {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-joining-'));
  t.after(() => rm(directory, { recursive: true }));
  await using certificates = await TestCertificates.open();
  const { material: tls } = await certificates.issue('worker');
  const path = join(directory, 'join.json');
  const file = { cluster: 'lambent', etcd: ['10.0.0.1:2379'], nats: ['10.0.0.1:4222'], replicas: 1, tls };
  const read = async () => {
    const logger = createLogger({ level: 'silent', service: 'test' });
    const listen = '10.0.0.2:0';
    const data = join(directory, 'data');
    const options = { path, data, listen, patienceMs: 0, clock: new SystemClock(), logger };
    return (await joinSettings(options))['LAMBENT_NATS_SYNC'];
  };
  await saveJoinFile(path, { ...file, natsSync: 'always' });
  assert.equal(await read(), 'always');
  await saveJoinFile(path, file);
  assert.equal(await read(), 'unknown');
});
