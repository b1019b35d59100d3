import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import { waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { type Role, RunningCluster } from './running-cluster.ts';

const ROLES: readonly Role[] = ['placement', 'worker', 'gateway', 'events'];
const ECHO = {
  'index.mjs': `export const handler = async event => {
    console.log('got', JSON.stringify(event));
    return event;
  };`,
};

suite('a cluster of one member of each role', () => {
  let cluster: RunningCluster;
  let echo: DeployedFunction;
  before(async () => {
    cluster = await RunningCluster.start();
    echo = await deploy(cluster.the('gateway').client(), { files: ECHO });
  });
  after(() => cluster[Symbol.asyncDispose]());

  test('runs a function cold and then warm', async () => {
    const cold = await echo.invoke({ round: 1 });
    assert.deepEqual([cold.status, cold.payload, cold.functionError], [200, { round: 1 }, undefined]);
    assert.match(cold.log, /Init Duration/);
    const warm = await echo.invoke({ round: 2 });
    assert.deepEqual(warm.payload, { round: 2 });
    assert.doesNotMatch(warm.log, /Init Duration/);
  });

  test('carries an event and an answer that are too large for the stream they share', async () => {
    const large = { text: 'x'.repeat(3 * 1024 * 1024) };
    assert.deepEqual((await echo.invoke(large)).payload, large);
  });

  test('runs an asynchronous event, and its log is read at the gateway', async () => {
    const gateway = cluster.the('gateway');
    const accepted = await echo.invoke({ later: true }, { InvocationType: 'Event', LogType: 'None' });
    assert.equal(accepted.status, 202);
    await waitFor('the log of the event', async () =>
      (await readFunctionLog(gateway, echo.name)).some(line => line.includes('got {"later":true}')),
    );
  });

  test('every member says that it is alive and ready, and tells its metrics', async () => {
    for (const role of ROLES) {
      const { adminUrl } = cluster.the(role);
      const ask = async (path: string) => (await fetch(adminUrl + path)).status;
      assert.deepEqual(
        await Promise.all(['/healthz', '/readyz', '/metrics'].map(ask)),
        [200, 200, 200],
        role,
      );
    }
  });

  test('what comes while there is no placement runs once there is one again', async () => {
    const slow = await deploy(cluster.the('gateway').client(), {
      files: { 'index.mjs': 'export const handler = async () => "ran";' },
    });
    await cluster.the('placement').kill9();
    const waiting = slow.invoke();
    await cluster.add('placement');
    assert.equal((await waiting).payload, 'ran');
  });

  test('every member drains and ends when it is told to', async () => {
    for (const role of ROLES.slice(1)) {
      const member = cluster.the(role);
      assert.deepEqual(await member.stop(), { status: 0, signal: null }, member.logs);
    }
  });
});

test('a cluster whose members and servers show certificates works as one without', async () => {
  await using cluster = await RunningCluster.start({ tls: true });
  const gateway = cluster.the('gateway');
  const echo = await deploy(gateway.client(), { files: ECHO });
  assert.deepEqual((await echo.invoke({ round: 1 })).payload, { round: 1 });
  await echo.invoke({ later: true }, { InvocationType: 'Event', LogType: 'None' });
  await waitFor('the log of the event', async () =>
    (await readFunctionLog(gateway, echo.name)).some(line => line.includes('got {"later":true}')),
  );
});

test('a worker that dies is started again by its keeper, and runs functions again', async () => {
  await using cluster = await RunningCluster.start();
  const echo = await deploy(cluster.the('gateway').client(), { files: ECHO });
  await echo.invoke();
  const worker = cluster.the('worker');
  const [kept = ''] = (await readFile(`/proc/${worker.pid}/task/${worker.pid}/children`, 'utf8')).split(' ');
  process.kill(Number(kept), 'SIGKILL');
  await waitFor('an answer of its next life', async () => (await echo.invoke()).status === 200, {
    timeoutMs: 30_000,
  });
  assert.match(worker.logs, /process ended, starting it again/);
});

test('a member refuses a broker that belongs to another cluster, for good', async () => {
  await using one = await RunningCluster.start({ roles: ['gateway'] });
  await using other = await RunningCluster.start({ roles: [] });
  const { LAMBENT_NATS = '' } = await one.environmentOf('gateway');
  await assert.rejects(other.add('gateway', { LAMBENT_NATS }), /ended with 78 .*belongs to another cluster/s);
});
