import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SystemClock } from '@lambent/core';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import { waitFor } from '@lambent/testing';
import { watchFleet } from './fleet-watch.ts';
import type { WorkerAddress } from './worker-address.ts';

test('the fleet is told whole at the start and after every change', async () => {
  const clock = new SystemClock();
  await using store = await SqliteStore.open({ file: ':memory:' });
  await using registry = await SqliteRegistry.open({ store, clock });
  const put = (id: string, address: string) =>
    registry.transact({
      compare: [],
      write: [
        {
          kind: 'put',
          key: `fleet/${id}`,
          value: Buffer.from(JSON.stringify({ address, incarnation: '1' })),
        },
      ],
    });
  await put('w-1', 'here');
  let fleet: readonly WorkerAddress[] = [];
  await using _watch = await watchFleet({
    registry,
    clock,
    random: new SeededRandom(1),
    changed: now => (fleet = now),
  });
  assert.deepEqual(fleet, [{ workerId: 'w-1', address: 'here', incarnation: '1' }]);

  await put('w-2', 'there');
  await waitFor('the second worker', () => fleet.length === 2);
  await registry.transact({ compare: [], write: [{ kind: 'delete', key: 'fleet/w-1' }] });
  await waitFor('the first to leave', () => fleet.length === 1);
  assert.deepEqual(fleet, [{ workerId: 'w-2', address: 'there', incarnation: '1' }]);
});
