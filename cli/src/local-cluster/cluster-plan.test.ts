import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { freePort } from '@lambent/engines';
import { type PlanOptions, planCluster, portOf } from './cluster-plan.ts';

const OPTIONS: PlanOptions = {
  data: './data',
  dataDirectory: '/data',
  name: 'lambent',
  replicas: '1',
  gateways: 2,
  placements: 1,
  workers: 2,
  events: 1,
  port: 0,
  advertise: '127.0.0.1',
  tls: true,
  logLevel: 'warn',
};

async function listenOn(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return { [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())) };
}

test('every part has its directory, its ports and nobody else has them', async () => {
  const plan = await planCluster({ ...OPTIONS, replicas: '3' }, undefined);
  assert.deepEqual(
    plan.engines.map(({ id }) => id),
    ['etcd-1', 'etcd-2', 'etcd-3', 'nats-1', 'nats-2', 'nats-3'],
  );
  assert.equal(plan.members.find(({ id }) => id === 'worker-2')?.data, '/data/worker-2');
  const ports = [
    ...plan.engines.flatMap(({ url, peerPort }) => [portOf(url), peerPort]),
    ...plan.members.flatMap(({ admin, api, grpc, address }) => [admin, api, grpc, address].map(portOf)),
  ].filter(port => port !== undefined);
  assert.equal(new Set(ports).size, ports.length);
  assert.equal(plan.operator, '/data/certificates/operator');
});

test('gateways are at the port that is asked for and those after it', async () => {
  const port = await freePort();
  const { members } = await planCluster({ ...OPTIONS, port }, undefined);
  const urls = members.flatMap(({ api }) => api ?? []);
  assert.deepEqual(urls, [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`]);
});

test('what cannot be listened at is refused as the option to change, before anything starts', async () => {
  const port = await freePort();
  await using _taken = await listenOn(port);
  const refusals: [Partial<PlanOptions>, RegExp][] = [
    [{ port }, /--port is not valid: port \d+ is in use by another process/],
    [{ port: 65_535 }, /--port is not valid: 2 gateways have one port after the other: it is at most 65534/],
    [{ advertise: '0.0.0.0' }, /--advertise is not valid: 0\.0\.0\.0 is where to listen/],
    [{ advertise: '192.0.2.1' }, /--advertise is not valid: 192\.0\.2\.1 is not an address of this machine/],
  ];
  for (const [options, complaint] of refusals)
    await assert.rejects(planCluster({ ...OPTIONS, ...options }, undefined), complaint);
});

test('a second start finds every part where it was, but for a port that is taken', async () => {
  const first = await planCluster(OPTIONS, undefined);
  assert.deepEqual(await planCluster(OPTIONS, first), first);
  const worker = first.members.find(({ id }) => id === 'worker-1');
  await using _taken = await listenOn(portOf(worker?.address) ?? 0);
  const second = await planCluster(OPTIONS, first);
  const moved = second.members.filter((part, at) => part.address !== first.members[at]?.address);
  assert.deepEqual(
    moved.map(({ id }) => id),
    ['worker-1'],
  );
});

test('the port that servers have told each other is not changed behind their backs', async () => {
  const first = await planCluster(OPTIONS, undefined);
  await using _taken = await listenOn(first.engines[0]?.peerPort ?? 0);
  await assert.rejects(planCluster(OPTIONS, first), /the others find etcd-1, is in use by another process/);
});

test('a cluster stays of the kind that it was made as', async () => {
  const first = await planCluster(OPTIONS, undefined);
  await assert.rejects(planCluster({ ...OPTIONS, replicas: '3' }, first), /--replicas .* was made with 1/);
  await assert.rejects(planCluster({ ...OPTIONS, tls: false }, first), /--no-tls .* was made without it/);
  const open = await planCluster({ ...OPTIONS, tls: false }, undefined);
  await assert.rejects(planCluster(OPTIONS, open), /--no-tls .* was made with it/);
  assert.equal((await planCluster({ ...OPTIONS, workers: 0 }, first)).members.length, 4);
});

test('without certificates nothing listens beyond this machine', async () => {
  const far = { ...OPTIONS, advertise: '10.0.0.1', tls: false };
  await assert.rejects(
    planCluster(far, undefined),
    /--no-tls is not valid: 10.0.0.1 is reached over a network/,
  );
});
