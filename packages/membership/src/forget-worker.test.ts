import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';
import { fleetKey, grantKey, memberKey } from './cluster-keys.ts';
import { forgetWorker } from './forget-worker.ts';
import { encodeRecord } from './record-codec.ts';

async function openFleet() {
  const clock = new SimulatedClock();
  const server = new SimulatedRegistryServer({ clock, random: new SeededRandom(1) });
  const wire = {
    carry: (_from: string, _to: string, deliver: () => void) => queueMicrotask(deliver),
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
  const registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  const grantLease = await registry.grantLease(960_000);
  const put = (key: string, value: Uint8Array, lease = grantLease) =>
    registry.transact({ compare: [], write: [{ kind: 'put', key, value, lease }] });
  const record = { address: 'host:1', incarnation: 'life', grantLease };
  await registry.transact({
    compare: [],
    write: [{ kind: 'put', key: fleetKey('lost'), value: encodeRecord(record) }],
  });
  await put(grantKey('pool', 'lost'), Buffer.from('16'));
  await put(grantKey('function/1', 'lost'), Buffer.from('3'));
  const others = await registry.grantLease(960_000);
  await put(grantKey('pool', 'other'), Buffer.from('5'), others);
  return { registry, put, others };
}

test('the slots of a worker that is gone are free at once, and its line goes', async () => {
  const { registry } = await openFleet();
  assert.deepEqual(await forgetWorker(registry, 'lost'), {
    kind: 'forgotten',
    freed: { pool: 16, 'function/1': 3 },
  });
  assert.equal(await registry.get(fleetKey('lost')), undefined);
  const { entries } = await registry.range('grants/');
  assert.deepEqual(
    entries.map(({ key }) => key),
    [grantKey('pool', 'other')],
  );
  assert.deepEqual(await forgetWorker(registry, 'lost'), { kind: 'not-there' });
});

test('a worker that lives is not forgotten, unless it has to be', async () => {
  const { registry, put, others } = await openFleet();
  await put(memberKey('worker', 'lost'), encodeRecord({ role: 'worker' }), others);
  assert.deepEqual(await forgetWorker(registry, 'lost'), { kind: 'alive' });
  assert.notEqual(await registry.get(grantKey('pool', 'lost')), undefined);
  assert.equal((await forgetWorker(registry, 'lost', { force: true })).kind, 'forgotten');
});
