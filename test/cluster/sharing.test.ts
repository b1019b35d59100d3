import assert from 'node:assert/strict';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { suite, test } from 'node:test';
import { EXIT_CODES } from '@lambent/daemon';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { refusedMember } from './refused-member.ts';
import { type Role, RunningCluster } from './running-cluster.ts';

const ROLES: readonly Role[] = ['placement', 'worker', 'gateway', 'events'];
/** Says in the log which cluster ran it, too. */
const NAMED = (cluster: string) => ({
  'index.mjs': `export const handler = async event => {
    console.log('got', event, 'in ${cluster}');
    return '${cluster}';
  };`,
});

suite('two clusters on the same servers', () => {
  test('of one name the second is refused, and the first is not disturbed', async () => {
    await using first = await RunningCluster.start();
    await using second = await RunningCluster.start({ roles: [] });
    const echo = await deploy(first.the('gateway').client(), { files: NAMED('first') });
    const { LAMBENT_NATS = '' } = await first.environmentOf('gateway');
    for (const role of ['gateway', 'events', 'worker'] as const) {
      const env = { ...(await second.environmentOf(role)), LAMBENT_NATS };
      const { complaint, exitCode } = await refusedMember(role, env);
      assert.match(
        complaint,
        /the stream lambent-\S+ belongs to another cluster, \S+; this one is \S+/,
        role,
      );
      assert.equal(exitCode, EXIT_CODES.configInvalid);
    }
    assert.equal((await echo.invoke(1)).payload, 'first');
    assert.equal((await echo.invoke(2, { InvocationType: 'Event', LogType: 'None' })).status, 202);
    await waitFor('the event to run', async () =>
      (await readFunctionLog(first.the('gateway'), echo.name)).some(line => line.includes('got 2')),
    );
  });

  test('of different names both run the function of one name, each its own', async () => {
    await using cluster = await RunningCluster.start();
    const others = new Map<Role, Awaited<ReturnType<RunningCluster['add']>>>();
    for (const role of ROLES) others.set(role, await cluster.add(role, { LAMBENT_CLUSTER: 'other' }));
    const gateways = [cluster.the('gateway'), others.get('gateway')] as const;
    for (const [index, gateway] of gateways.entries()) {
      assert.ok(gateway);
      const mine = await deploy(gateway.client(), { name: 'shared', files: NAMED(`cluster-${index}`) });
      assert.equal((await mine.invoke(1)).payload, `cluster-${index}`);
      await mine.invoke(2, { InvocationType: 'Event', LogType: 'None' });
      const printed = async () =>
        (await readFunctionLog(gateway, 'shared')).filter(line => line.includes('got'));
      await waitFor('the event to run', async () => (await printed()).length === 2);
      assert.ok((await printed()).every(line => line.includes(`in cluster-${index}`)));
    }
  });
});

test('who is told another number of partitions than the cluster was made with is refused', async () => {
  await using cluster = await RunningCluster.start({ roles: ['gateway'] });
  for (const role of ['gateway', 'events'] as const) {
    const env = { ...(await cluster.environmentOf(role)), LAMBENT_ASYNC_PARTITIONS: '4' };
    const { complaint, exitCode } = await refusedMember(role, env);
    assert.match(complaint, /LAMBENT_ASYNC_PARTITIONS is not valid: it is 4, and 8 since the beginning/);
    assert.equal(exitCode, EXIT_CODES.configInvalid);
  }
});

test("a worker on another's data directory is refused, and on a copy of it as long as the other lives", async () => {
  await using copy = await emptyFolder();
  // Nobody can tell a worker that died from one that is cut off and runs on: its slots are its own for that long.
  await using cluster = await RunningCluster.start({ settings: { LAMBENT_GRANTS_TERM_MS: '5000' } });
  const first = cluster.the('worker');
  const echo = await deploy(cluster.the('gateway').client(), { files: NAMED('first') });
  const env = await cluster.environmentOf('worker');
  const same = await refusedMember('worker', env, { dataDirectory: first.dataDirectory });
  assert.match(same.complaint, /another Lambent runs on the data directory/);
  assert.equal(same.exitCode, EXIT_CODES.dataLocked);

  await cp(path.join(first.dataDirectory, 'member-id'), path.join(copy.path, 'member-id'));
  const twin = await refusedMember('worker', env, { dataDirectory: copy.path });
  assert.match(twin.complaint, /another worker has the identity of this one: it lives in /);
  assert.equal(twin.exitCode, EXIT_CODES.unavailable);
  assert.equal((await echo.invoke(1)).payload, 'first');

  await first.kill9();
  const heir = await waitFor(
    'the session and the slots of the first to end',
    () => cluster.add('worker', {}, { dataDirectory: copy.path }),
    { timeoutMs: 60_000 },
  );
  assert.match(heir.logs, /grants of the life before are revoked/);
  await waitFor('an answer of the heir', async () => (await echo.invoke(2)).status === 200);
});

async function emptyFolder() {
  const folder = await mkdtemp(path.join(tmpdir(), 'lambent-copy-'));
  return { path: folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
