import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';
import { claimClusterId } from './cluster-identity.ts';
import { memberKey } from './cluster-keys.ts';
import { watchMembers } from './member-watch.ts';
import { Membership, SESSION_TTL_MS } from './membership.ts';

const record = {
  role: 'gateway',
  id: 'gateway/1',
  incarnation: 'life-1',
  version: '0.1.0',
  place: 'here',
} as const;
const KEY = memberKey('gateway', 'gateway/1');

function openWorld() {
  const clock = new SimulatedClock();
  const random = new SeededRandom(1);
  const server = new SimulatedRegistryServer({ clock, random });
  const wire = {
    carry: (_from: string, _to: string, deliver: () => void) => queueMicrotask(deliver),
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
  const registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  return { clock, random, server, registry };
}

test('a member is seen from joining until leaving', async () => {
  const { clock, random, server, registry } = openWorld();
  const seen: string[] = [];
  await using _watch = await watchMembers({
    registry,
    clock,
    random,
    role: 'gateway',
    changed: members => seen.push(members.map(member => member.id).join()),
  });
  await clock.advance(1);
  const membership = await Membership.join({ registry, clock, random, record });
  await clock.advance(60_000);
  assert.equal(membership.present, true);
  await membership[Symbol.asyncDispose]();
  await clock.advance(1);
  assert.deepEqual(seen, ['', 'gateway/1', '']);
  assert.equal(server.get(KEY), undefined);
});

test('a member that could not renew its session is not seen, and joins again by itself', async () => {
  const { clock, random, server, registry } = openWorld();
  const changes: boolean[] = [];
  await using membership = await Membership.join({
    registry,
    clock,
    random,
    record,
    changed: present => changes.push(present),
  });
  server.stop();
  await clock.advance(SESSION_TTL_MS);
  assert.equal(membership.present, false);
  server.start();
  await clock.advance(3_000);
  assert.equal(membership.present, true);
  assert.deepEqual(changes, [true, false, true]);
  await clock.advance(60_000);
  assert.notEqual(server.get(KEY), undefined);
});

for (const kind of ['unknown', 'committed'] as const)
  test(`a session lost before its record is ${kind} is mended once, and nothing of it stays`, async () => {
    const { clock, random, server, registry } = openWorld();
    const renewed = new Set<string>();
    const renewLease = registry.renewLease.bind(registry);
    registry.renewLease = (lease, options) => {
      renewed.add(lease);
      return renewLease(lease, options);
    };
    const changes: boolean[] = [];
    const changed = (present: boolean) => changes.push(present);
    const membership = await Membership.join({ registry, clock, random, record, changed });
    server.stop();
    await clock.advance(SESSION_TTL_MS);
    answerNextLate(kind);
    server.start();
    await clock.advance(2_000);
    server.stop();
    await clock.advance(SESSION_TTL_MS);
    server.start();
    await clock.advance(10_000);
    renewed.clear();
    await clock.advance(10_000);
    assert.equal(membership.present, true);
    assert.deepEqual([...renewed], [server.get(KEY)?.lease]);
    assert.deepEqual(changes, [true, false, true]);
    await membership[Symbol.asyncDispose]();
    renewed.clear();
    await clock.advance(10_000);
    assert.deepEqual([...renewed], []);
    assert.equal(server.get(KEY), undefined);

    /** Once the session of that write is lost. */
    function answerNextLate(kind: 'unknown' | 'committed') {
      const transact = registry.transact.bind(registry);
      registry.transact = async transaction => {
        registry.transact = transact;
        const answer = await transact(transaction);
        await new Promise<void>(resolve => clock.setTimer(1.2 * SESSION_TTL_MS, resolve));
        return kind === 'committed' ? answer : { kind };
      };
    }
  });

test('everybody finds the same cluster', async () => {
  const { registry } = openWorld();
  const ids = await Promise.all([1, 2, 3].map(seed => claimClusterId(registry, new SeededRandom(seed))));
  assert.equal(new Set(ids).size, 1);
  assert.equal(await claimClusterId(registry, new SeededRandom(4)), ids[0]);
});
