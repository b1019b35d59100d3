import assert from 'node:assert/strict';
import type { RegistryPromises } from './registry-contract.ts';
import { commit, deletedKeys, put } from './registry-steps.ts';

export function leasePromises(promise: RegistryPromises): void {
  promise('keys under a lease vanish as delete events when it is revoked', async ({ registry }) => {
    const lease = await registry.grantLease(60_000);
    const revision = await commit(registry, put('l/1', '1', lease), put('l/2', '1', lease), put('l/3', '1'));
    assert.equal((await registry.get('l/1'))?.lease, lease);
    await registry.revokeLease(lease);
    assert.deepEqual(await deletedKeys(registry, 'l/', revision + 1, 2), ['l/1', 'l/2']);
    assert.deepEqual(
      (await registry.range('l/')).entries.map(entry => entry.key),
      ['l/3'],
    );
    assert.equal(await registry.renewLease(lease), false);
    await registry.revokeLease(lease);
  });

  promise('a lease that is not renewed ends after its time, one that is does not', async subject => {
    const { registry } = subject;
    const lease = await registry.grantLease(2_000);
    const revision = await commit(registry, put('l/1', '1', lease));
    await subject.pass(1_200);
    assert.equal(await registry.renewLease(lease), true);
    await subject.pass(1_200);
    assert.notEqual(await registry.get('l/1'), undefined);
    await subject.pass(1_200);
    assert.deepEqual(await deletedKeys(registry, 'l/', revision + 1, 1), ['l/1']);
    assert.equal(await registry.renewLease(lease), false);
  });

  promise('a put under a lease that is gone is refused', async ({ registry }) => {
    const lease = await registry.grantLease(60_000);
    await registry.revokeLease(lease);
    const write = [put('a', '1', lease), put('b', '1')];
    assert.deepEqual(await registry.transact({ compare: [], write }), { kind: 'refused' });
    assert.equal(await registry.get('b'), undefined);
  });

  promise('a key belongs to the lease it was last written under', async ({ registry }) => {
    const [left, right] = [await registry.grantLease(60_000), await registry.grantLease(60_000)];
    await commit(registry, put('freed', '1', left), put('moved', '1', left));
    await commit(registry, put('freed', '2'), put('moved', '2', right));
    await registry.revokeLease(left);
    assert.equal((await registry.get('freed'))?.lease, undefined);
    assert.equal((await registry.get('moved'))?.lease, right);
    await registry.revokeLease(right);
    assert.notEqual(await registry.get('freed'), undefined);
    assert.equal(await registry.get('moved'), undefined);
  });
}
