import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { RunningCluster } from './running-cluster.ts';
import { SmallDisk } from './small-disk.ts';

const MIB = 1_024 ** 2;
const COUNTING = {
  'index.mjs': `export const handler = async ({ number }) => {
    console.log('ran', number);
    if (number === -2) console.log('x'.repeat(50_000));
  };`,
};
/** A number with which it prints more than a disk takes that was just filled: there is always a little left. */
const TALKATIVE = -2;
const EVENT = { InvocationType: 'Event', LogType: 'None' } as const;
/** Far more than there is room for. */
const EVENTS_MAX = 200;

/** Sends events until one is not accepted. Gives how many were, and what the one after them was told. */
async function acceptUntilFull(counting: DeployedFunction, from: number) {
  for (let number = from; number < from + EVENTS_MAX; number += 1) {
    const ballast = 'x'.repeat(200_000);
    const refusal = await counting.invoke({ number, ballast }, EVENT).then(
      ({ status }) => void assert.equal(status, 202),
      (error: unknown) => error as { name: string; $metadata: { httpStatusCode?: number } },
    );
    if (refusal) return { next: number, name: refusal.name, status: refusal.$metadata.httpStatusCode };
  }
  throw new Error(`${EVENTS_MAX} events were accepted`);
}

async function ranAll(gateway: { adminUrl: string }, name: string, upTo: number): Promise<void> {
  await waitFor(
    'all that was accepted to run',
    async () => {
      const log = (await readFunctionLog(gateway, name)).join('\n');
      return Array.from({ length: upTo }, (_, number) => number).every(number =>
        new RegExp(`ran ${number}$`, 'm').test(log),
      );
    },
    { timeoutMs: 60_000 },
  );
}

suite('a full NATS', () => {
  test('a queue at its bound answers 429 and never 202, all it accepted runs, and it goes on', async () => {
    await using cluster = await RunningCluster.start({
      roles: ['placement', 'worker', 'gateway'],
      settings: { LAMBENT_QUEUE_BYTES: String(12 * MIB), LAMBENT_ASYNC_PARTITIONS: '1' },
    });
    const gateway = cluster.the('gateway');
    const counting = await deploy(gateway.client(), { files: COUNTING });
    const { next, name, status } = await acceptUntilFull(counting, 0);
    assert.deepEqual([name, status], ['TooManyRequestsException', 429]);
    assert.ok(next > 5, `${next} were accepted`);
    await cluster.add('events');
    await ranAll(gateway, counting.name, next);
    assert.equal((await counting.invoke({ number: next }, EVENT)).status, 202);
    await ranAll(gateway, counting.name, next + 1);
  });

  test('a disk without room answers 5xx and never 202, all that was accepted runs once there is room', async () => {
    await using disk = await SmallDisk.mount(64 * MIB);
    await using cluster = await RunningCluster.start({
      roles: ['placement', 'worker', 'gateway'],
      settings: { LAMBENT_ASYNC_PARTITIONS: '1' },
      nats: { storeDirectory: disk.path, jetstream: { fileBytesMax: 64 * 1_024 * MIB } },
    });
    const gateway = cluster.the('gateway');
    const counting = await deploy(gateway.client(), { files: COUNTING });
    await counting.invoke({ number: -1 });
    await disk.fill(3 * MIB);
    const { next, name, status } = await acceptUntilFull(counting, 0);
    assert.deepEqual([name, status], ['ServiceException', 500]);
    assert.ok(next > 5, `${next} were accepted`);
    assert.match(gateway.logs, /"reason":"storage-failed".*no space left on device/);
    await disk.fill(0);
    assert.equal((await counting.invoke({ number: TALKATIVE })).status, 200);
    const worker = cluster.the('worker');
    await waitFor('its log to say so', () => worker.logs.includes('"function logs not published"'));
    await disk.free();
    await cluster.add('events');
    await ranAll(gateway, counting.name, next);
    assert.equal((await counting.invoke({ number: next }, EVENT)).status, 202);
    await ranAll(gateway, counting.name, next + 1);
  });
});

test('an etcd without room refuses what is configured, says so, and warm invocations go on', async () => {
  await using cluster = await RunningCluster.start({ etcd: { storeBytesMax: 4 * MIB } });
  const gateway = cluster.the('gateway');
  const readiness = async () => (await fetch(`${gateway.adminUrl}/readyz`)).text();
  const warm = await deploy(gateway.client(), { files: COUNTING });
  await warm.invoke({ number: 0 });
  await fillEtcd(cluster.servers.etcd.url);

  await assert.rejects(deploy(gateway.client(), { files: COUNTING }), { name: 'ServiceException' });
  assert.match(await readiness(), /^ready\netcd: .*database space exceeded/);
  const metrics = await (await fetch(`${gateway.adminUrl}/metrics`)).text();
  assert.match(metrics, /^lambent_degraded\{support="etcd"\} 1$/m);
  for (let number = 1; number < 20; number += 1)
    assert.equal((await warm.invoke({ number })).functionError, undefined);
  assert.equal((await warm.invoke({ number: 20 }, EVENT)).status, 202);
  await ranAll(gateway, warm.name, 21);

  await emptyEtcd(cluster.servers.etcd.url);
  await waitFor('a function to be made again', () => deploy(gateway.client(), { files: COUNTING }));
  assert.equal(await readiness(), 'ready\n');
});

test('a worker without room on its disk starts nothing that it has to unpack, lives, and recovers', async () => {
  await using disk = await SmallDisk.mount(64 * MIB);
  await using cluster = await RunningCluster.start({
    roles: ['placement', 'gateway'],
    settings: { LAMBENT_GATEWAY_QUEUE_WAIT_MS: '2000' },
  });
  const worker = await cluster.add('worker', {}, { dataDirectory: disk.path });
  const gateway = cluster.the('gateway');
  const warm = await deploy(gateway.client(), { files: COUNTING });
  await warm.invoke({ number: 0 });
  await disk.fill(0);
  const cold = await deploy(gateway.client(), { files: { ...COUNTING, ballast: Buffer.alloc(MIB, 'x') } });
  await assert.rejects(cold.invoke({ number: 1 }), { name: 'ServiceUnavailableException' });
  assert.match(worker.logs, /ENOSPC: no space left on device/);
  assert.equal((await warm.invoke({ number: 2 })).functionError, undefined);
  await ranAll(gateway, warm.name, 1);
  await disk.free();
  await waitFor('the function to start', async () => (await cold.invoke({ number: 3 })).status === 200, {
    timeoutMs: 60_000,
  });
  assert.doesNotMatch(worker.logs, /process ended, starting it again/);
});

const BALLAST = 'ballast/';

/** As etcd's own clients would: until it raises its alarm. */
async function fillEtcd(url: string): Promise<void> {
  const value = base64('x'.repeat(400_000));
  for (let count = 0; count < 100; count += 1)
    if (!(await askEtcd(url, 'kv/put', { key: base64(BALLAST + count), value })).ok) return;
  assert.fail('it never was full');
}

/** What an operator does of an etcd that is full, once there is less to keep. */
async function emptyEtcd(url: string): Promise<void> {
  const range = { key: base64(BALLAST), range_end: base64('ballast0') };
  const { header } = (await (await askEtcd(url, 'kv/deleterange', range)).json()) as {
    header: { revision: string; member_id: string };
  };
  const alarm = { action: 'DEACTIVATE', alarm: 'NOSPACE', memberID: header.member_id };
  await askEtcd(url, 'kv/compaction', { revision: header.revision, physical: true });
  await askEtcd(url, 'maintenance/defragment', {});
  assert.ok((await askEtcd(url, 'maintenance/alarm', alarm)).ok);
}

function askEtcd(url: string, path: string, body: object): Promise<Response> {
  return fetch(`${url}/v3/${path}`, { method: 'POST', body: JSON.stringify(body) });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
