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

test('everybody finds the same cluster', async () => {
  const { registry } = openWorld();
  const ids = await Promise.all([1, 2, 3].map(seed => claimClusterId(registry, new SeededRandom(seed))));
  assert.equal(new Set(ids).size, 1);
  assert.equal(await claimClusterId(registry, new SeededRandom(4)), ids[0]);
});
