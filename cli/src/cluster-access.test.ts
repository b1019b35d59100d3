import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { locateCluster } from './cluster-access.ts';
import { OpenClusterFile } from './local-cluster/cluster-file.ts';

test('a cluster is found under its own name, and under no other', async t => {
  const data = await mkdtemp(join(tmpdir(), 'lambent-access-'));
  t.after(() => rm(data, { recursive: true }));
  const plan = { name: 'mine', replicas: 1, host: '127.0.0.1', tls: false, engines: [], members: [] };
  await using _file = await OpenClusterFile.open(data, plan);
  const clock = new SystemClock();
  for (const given of [{}, { cluster: 'mine' }])
    assert.equal((await locateCluster({ data, ...given }, clock)).name, 'mine');
  await assert.rejects(locateCluster({ data, cluster: 'lambent' }, clock), /--cluster .* is mine;/);
  const named = await locateCluster({ data, etcd: '127.0.0.1:1' }, clock);
  assert.equal(named.name, 'lambent');
});
