import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../settings.ts';
import type { ClusterPlan } from './cluster-plan.ts';
import { memberSettings } from './member-settings.ts';

const PLAN: ClusterPlan = {
  name: 'test',
  replicas: 3,
  host: '10.0.0.1',
  tls: true,
  engines: [
    { kind: 'etcd', id: 'etcd-1', data: '/d', url: 'https://10.0.0.1:1', peerPort: 2 },
    { kind: 'nats', id: 'nats-1', data: '/d', url: 'tls://10.0.0.1:3', peerPort: 4 },
  ],
  members: [
    { role: 'worker', id: 'worker-1', data: '/d/1', admin: 'http://127.0.0.1:5', address: '10.0.0.1:6' },
    { role: 'worker', id: 'worker-2', data: '/d/2', admin: 'http://127.0.0.1:7', address: '10.0.0.1:8' },
    {
      ...{ role: 'gateway', id: 'gateway-1', data: '/d/3', admin: 'http://127.0.0.1:9' },
      ...{ api: 'http://127.0.0.1:10', grpc: 'grpc://10.0.0.1:11' },
    },
  ],
};

function settingsOf(at: number, env: NodeJS.ProcessEnv = {}) {
  const part = PLAN.members[at];
  assert.ok(part);
  const tls = '/d/certificates/x';
  return readSettings(
    memberSettings(part, { plan: PLAN, logLevel: 'warn', tls, monitorUrl: undefined, env }),
  );
}

test('a worker is told where the servers are, where it is, and where functions find the AWS API', () => {
  const { cluster, worker, workerAdmin, process: own } = settingsOf(0);
  assert.equal(cluster.etcd, 'https://10.0.0.1:1');
  assert.equal(cluster.nats, 'tls://10.0.0.1:3');
  assert.deepEqual([cluster.cluster, cluster.memberId, cluster.natsReplicas], ['test', 'worker-1', '3']);
  assert.deepEqual([cluster.listen, cluster.tls, own.data], ['10.0.0.1:6', '/d/certificates/x', '/d/1']);
  assert.equal(workerAdmin.adminPort, 5);
  assert.equal(worker.awsEndpoint, '127.0.0.1:10');
});

test('a gateway is told its doors', () => {
  const { host, port, grpcHost, grpcPort, adminPort } = settingsOf(2).gateway;
  assert.deepEqual([host, port, grpcHost, grpcPort, adminPort], ['127.0.0.1', 10, '10.0.0.1', 11, 9]);
});

test('workers of one machine share its memory, unless somebody says how much each takes', () => {
  const { memoryMb = 0 } = settingsOf(0).worker;
  assert.ok(memoryMb > 0);
  assert.equal(settingsOf(1).worker.memoryMb, memoryMb);
  assert.equal(settingsOf(0, { LAMBENT_WORKER_MEMORY_MB: '512' }).worker.memoryMb, 512);
});

test('settings of whoever starts the cluster hold for all, but not for who and where each is', () => {
  const env = { LAMBENT_GRANTS_TERM_MS: '60000', LAMBENT_MEMBER_ID: 'me', LAMBENT_ETCD: 'elsewhere:1' };
  const { worker, cluster } = settingsOf(1, env);
  assert.equal(worker.grantsTermMs, 60_000);
  assert.deepEqual([cluster.memberId, cluster.etcd], ['worker-2', 'https://10.0.0.1:1']);
});
