import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import {
  CLUSTER_KEY,
  encodeRecord,
  type FleetRecord,
  fleetKey,
  grantKey,
  limitKey,
  memberKey,
  type Role,
} from '@lambent/membership';
import { SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';
import { readRegistry } from './read-registry.ts';

const FLEET: FleetRecord = {
  ...{ address: 'host:1', incarnation: 'life', place: 'p', grantLease: '1' },
  ...{ memoryMb: 512, runtimes: ['nodejs24.x'] },
};

function openRegistry() {
  const clock = new SimulatedClock();
  const server = new SimulatedRegistryServer({ clock, random: new SeededRandom(1) });
  const wire = {
    carry: (_from: string, _to: string, deliver: () => void) => queueMicrotask(deliver),
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
  const registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  const put = (key: string, value: object | string) =>
    registry.transact({
      compare: [],
      write: [
        { kind: 'put', key, value: typeof value === 'string' ? Buffer.from(value) : encodeRecord(value) },
      ],
    });
  const join = (role: Role, id: string) =>
    put(memberKey(role, id), { role, id, incarnation: 'life', version: '0.1.0', place: 'p' });
  return { registry, put, join };
}

test('members, workers and limits are told with their slots', async () => {
  const { registry, put, join } = openRegistry();
  await put(CLUSTER_KEY, { id: 'c' });
  await join('worker', 'w/1');
  await join('gateway', 'g');
  await put(fleetKey('w/1'), FLEET);
  await put(fleetKey('w2'), FLEET);
  await put(limitKey('pool'), { wanted: 100, held: 100 });
  await put(limitKey('function-1'), { wanted: 5, held: 3, reserved: 5 });
  await put(grantKey('pool', 'w/1'), '16');
  await put(grantKey('pool', 'w2'), '4');
  await put(grantKey('function-1', 'w2'), '3');

  const { id, members, workers, limits } = await readRegistry(registry, []);
  assert.equal(id, 'c');
  assert.deepEqual(
    members.map(member => [member.role, member.id, member.alive]),
    [
      ['gateway', 'g', true],
      ['worker', 'w/1', true],
    ],
  );
  assert.deepEqual(
    workers.map(worker => [worker.id, worker.alive, worker.granted]),
    [
      ['w/1', true, { pool: 16 }],
      ['w2', false, { pool: 4, 'function-1': 3 }],
    ],
  );
  assert.deepEqual(limits, [
    { id: 'function-1', wanted: 5, held: 3, reserved: 5, granted: 3 },
    { id: 'pool', wanted: 100, held: 100, granted: 20 },
  ]);
});

test('whoever should be there and is not is told to be absent', async () => {
  const { registry, join } = openRegistry();
  await join('gateway', 'gateway-1');
  const expected = [
    { role: 'gateway', id: 'gateway-1' },
    { role: 'gateway', id: 'gateway-2' },
  ] as const;
  const { id, members } = await readRegistry(registry, expected);
  assert.equal(id, undefined);
  assert.deepEqual(
    members.map(member => [member.id, member.alive]),
    [
      ['gateway-1', true],
      ['gateway-2', false],
    ],
  );
});

test('what cannot be read is left out', async () => {
  const { registry, put } = openRegistry();
  await put(memberKey('gateway', 'g'), '{');
  await put(fleetKey('w'), { address: 'only' });
  await put(limitKey('pool'), 'x');
  const { members, workers, limits } = await readRegistry(registry, []);
  assert.deepEqual([members, workers, limits], [[], [], []]);
});
