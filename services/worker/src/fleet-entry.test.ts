import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import type { Registry, Transaction, TransactionResult } from '@lambent/registry';
import { FleetEntry } from './fleet-entry.ts';

/** As much of a registry as an entry needs. */
function registryOf(result: TransactionResult['kind']) {
  const written: Transaction['write'][number][] = [];
  const transact = async ({ write }: Transaction): Promise<TransactionResult> => {
    written.push(...write);
    return result === 'committed' ? { kind: result, revision: written.length } : { kind: result };
  };
  return { written, registry: { transact } as unknown as Registry };
}

const entry = (registry: Registry) => ({
  registry,
  workerId: 'worker/1',
  address: 'host:1',
  incarnation: 'life',
  logger: createLogger({ level: 'silent', service: 'worker' }),
});

test('a worker writes where it is when it joins and takes it back when it leaves', async () => {
  const { written, registry } = registryOf('committed');
  {
    await using _entry = await FleetEntry.write(entry(registry));
    const [put] = written;
    assert.ok(put?.kind === 'put');
    assert.equal(put.key, 'fleet/worker%2F1');
    assert.deepEqual(JSON.parse(Buffer.from(put.value).toString()), {
      address: 'host:1',
      incarnation: 'life',
    });
  }
  assert.deepEqual(written[1], { kind: 'delete', key: 'fleet/worker%2F1' });
});

test('a worker that cannot be written down does not join', async () => {
  const { registry } = registryOf('unknown');
  await assert.rejects(FleetEntry.write(entry(registry)), error => isFailure(error, 'registry-unavailable'));
});
