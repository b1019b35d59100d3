/** `lambent cluster`: it is there at once, comes back from whatever dies, and leaves nothing behind. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { type ClusterProcess, type Footprint, startCluster, TEST_TOOLS, waitFor } from '@lambent/testing';
import { DeployedFunction, deploy } from '../deployed-function.ts';

const run = promisify(execFile);
const ECHO = { 'index.mjs': 'export const handler = async event => event;' };
const SLEEPER = {
  'index.mjs': 'export const handler = () => new Promise(resolve => setTimeout(resolve, 60_000));',
};
/** Nothing outlives a supervisor longer. */
const GONE_WITHIN_MS = 5_000;

async function expectGone(footprint: Footprint): Promise<void> {
  await waitFor('everything to be gone', async () => (await footprint.remaining()).length === 0, {
    timeoutMs: GONE_WITHIN_MS,
  }).catch(async () => assert.deepEqual(await footprint.remaining(), []));
}

suite('a cluster kept by lambent cluster', () => {
  let cluster: ClusterProcess;
  let echo: DeployedFunction;
  before(async () => {
    cluster = await startCluster();
    echo = await deploy(cluster.client(), { files: ECHO });
  });
  after(() => cluster?.[Symbol.asyncDispose]());

  test('runs a function through each of its gateways', async () => {
    for (const gateway of [0, 1]) {
      const fn = new DeployedFunction(cluster.client(gateway), echo.name);
      assert.deepEqual((await fn.invoke({ gateway })).payload, { gateway });
    }
  });

  test('is found by other commands in its data directory', async () => {
    const { stdout } = await run(process.execPath, [
      path.join(TEST_TOOLS.repository, 'cli/src/main.ts'),
      ...['invoke', echo.name, '--data', cluster.dataDirectory, '--payload', '{"from":"here"}'],
    ]);
    assert.deepEqual(JSON.parse(stdout), { from: 'here' });
  });

  for (const id of ['placement-1', 'gateway-2', 'worker-1', 'nats-1', 'etcd-1']) {
    test(`goes on after ${id} was killed, which is back where it was`, async () => {
      const before = await cluster.part(id);
      await cluster.kill9(id);
      const pid = await cluster.back(id);
      const { pid: _, monitorUrl: _now, ...same } = await cluster.part(id);
      const { pid: killed, monitorUrl: _before, ...was } = before;
      assert.notEqual(pid, killed);
      assert.deepEqual(same, was);
      await waitFor('an answer', async () => (await echo.invoke({ id })).functionError === undefined);
    });
  }

  test('ends when it is told to, within the time it takes to drain', async () => {
    const footprint = await cluster.footprint();
    assert.deepEqual(await cluster.stop(), { status: 0, signal: null }, cluster.logs);
    await expectGone(footprint);
    const { supervisorPid, engines, members } = await cluster.record();
    assert.equal(supervisorPid, undefined);
    assert.ok([...engines, ...members].every(({ pid }) => pid === undefined));
  });
});

suite('the data of a cluster', () => {
  let data: string;
  before(async () => {
    data = await mkdtemp(path.join(tmpdir(), 'lambent-cluster-'));
  });
  after(() => rm(data, { recursive: true, force: true }));
  const small = { gateways: 1, placements: 1, workers: 1, events: 1 };

  test('outlives a supervisor that is killed, and nothing else does', async () => {
    const cluster = await startCluster({ ...small, dataDirectory: data });
    await deploy(cluster.client(), { name: 'echo', files: ECHO });
    const sleeper = await deploy(cluster.client(), { files: SLEEPER, timeoutSeconds: 60 });
    const idle = (await cluster.footprint()).processes;
    sleeper.invoke().catch(() => undefined);
    const footprint = await waitFor('a sandbox', async () => {
      const taken = await cluster.footprint();
      return taken.processes > idle && taken;
    });
    await cluster.killSupervisor();
    await expectGone(footprint);

    await using again = await startCluster({ ...small, dataDirectory: data });
    assert.deepEqual(again.urls, cluster.urls, 'it is found where it was');
    const echo = new DeployedFunction(again.client(), 'echo');
    assert.deepEqual((await echo.invoke({ still: 'there' })).payload, { still: 'there' });
    await assert.rejects(
      startCluster({ ...small, dataDirectory: data }),
      /another Lambent runs on the data directory/,
    );
  });

  test('is not opened as another kind of cluster than it was made as', async () => {
    await assert.rejects(
      startCluster({ ...small, dataDirectory: data, args: ['--no-tls'] }),
      /--no-tls is not valid: the cluster in this data directory was made without it/,
    );
  });
});

test('a port that somebody else has is refused before anything starts', async () => {
  const other = createServer();
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  await assert
    .rejects(startCluster({ gateways: 1, workers: 0, args: ['--port', String(port)] }), error => {
      const { message } = error as Error;
      assert.match(message, /lambent cluster ended with 78/);
      assert.match(message, new RegExp(`--port is not valid: port ${port} is in use`));
      return true;
    })
    .finally(() => other.close());
});

test('three servers of each kind serve without certificates too, and without one of each', async () => {
  await using cluster = await startCluster({
    ...{ replicas: 3, gateways: 1, placements: 1, workers: 1, events: 1 },
    args: ['--no-tls'],
  });
  const echo = await deploy(cluster.client(), { files: ECHO });
  assert.deepEqual((await echo.invoke({ n: 1 })).payload, { n: 1 });
  await Promise.all([cluster.kill9('etcd-2'), cluster.kill9('nats-2')]);
  const accepted = await echo.invoke({ n: 2 }, { InvocationType: 'Event', LogType: 'None' });
  assert.equal(accepted.status, 202);
});
