import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SystemClock, SystemRandom } from '@lambent/core';
import { encodeRecord, fleetKey } from '@lambent/membership';
import { SqliteRegistry } from '@lambent/registry';
import { SqliteStore } from '@lambent/sqlite';
import { waitFor } from '@lambent/testing';
import { FleetRuntimes } from './fleet-runtimes.ts';

test('a runtime is there when some worker has it; without a worker nobody can say that it is not', async () => {
  const [clock, random] = [new SystemClock(), new SystemRandom()];
  await using store = await SqliteStore.open({ file: ':memory:' });
  await using registry = await SqliteRegistry.open({ store, clock });
  await using runtimes = await FleetRuntimes.open({ registry, clock, random });
  const join = (id: string, has: readonly string[]) =>
    registry.transact({
      compare: [],
      write: [
        {
          kind: 'put',
          key: fleetKey(id),
          value: encodeRecord({
            address: 'a:1',
            incarnation: 'i',
            grantLease: '1',
            memoryMb: 1,
            runtimes: has,
          }),
        },
      ],
    });
  assert.equal(runtimes.have('python3.13'), true);
  await join('one', ['nodejs24.x']);
  await waitFor('the first worker', () => !runtimes.have('python3.13'));
  assert.equal(runtimes.have('nodejs24.x'), true);
  await join('two', ['python3.13']);
  await waitFor('the second worker', () => runtimes.have('python3.13'));
});
