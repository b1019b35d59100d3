import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import type { LeaseId } from '@lambent/registry';
import { GrantLease } from './grant-lease.ts';
import { RegistryWorld, StoppableClock } from './registry-world.ts';

const TERM_MS = 100_000;
/** 99 % of the term, less a second; a twentieth of the term and less than five seconds before, what runs is killed. */
const HELD_MS = 98_000;
const FENCED_MS = HELD_MS - 5_000;

async function openLease(world = new RegistryWorld()) {
  const clock = new StoppableClock(world.clock);
  const way = world.member('worker', clock);
  const heard = { fenced: 0, changed: 0, running: 0, taken: [] as string[] };
  const named: LeaseId[] = [];
  const naming: { error: Error | undefined } = { error: undefined };
  const opening = GrantLease.open({
    registry: way.registry,
    clock,
    random: world.random,
    logger: createLogger({ level: 'silent', service: 'worker' }),
    termMs: TERM_MS,
    name: async lease => {
      if (naming.error) throw naming.error;
      named.push(lease);
    },
    renewed: () => undefined,
    fenced: () => {
      heard.fenced += 1;
    },
    inUse: () => heard.running > 0,
    changed: () => {
      heard.changed += 1;
    },
    taken: error => heard.taken.push(error.reason),
  });
  return { world, clock, way, heard, named, naming, lease: await opening };
}

test('while the registry answers nearly the whole term is always left', async () => {
  const { world, lease, heard } = await openLease();
  await world.clock.advance(10 * TERM_MS);
  world.server.stop();
  await world.clock.advance(FENCED_MS - 5_001);
  assert.equal(lease.open, true);
  assert.equal(heard.fenced, 0);
});

test('with the registry dead it is open until its certain time is nearly over, and not after', async () => {
  const { world, lease, heard } = await openLease();
  world.server.stop();
  await world.clock.advance(FENCED_MS - 1);
  assert.deepEqual([lease.open, heard.fenced], [true, 0]);
  await world.clock.advance(1);
  assert.deepEqual([lease.open, heard.fenced], [false, 1]);
  assert.notEqual(lease.id, undefined);
  await world.clock.advance(5_000);
  assert.deepEqual([lease.open, lease.id, heard.fenced], [false, undefined, 2]);
});

test('its time counts from when a renewal was sent, however late the answer was', async () => {
  const { world, way, lease } = await openLease();
  await world.clock.advance(4_999);
  way.hold = 'answers';
  await world.clock.advance(1_500);
  // Sent at 5 s, answered at 6.5.
  way.release();
  await world.clock.advance(0);
  world.server.stop();
  await world.clock.advance(5_000 + FENCED_MS - 6_499 - 1);
  assert.equal(lease.open, true);
  await world.clock.advance(1);
  assert.equal(lease.open, false);
});

test('a process that was stopped past its time finds out before it admits anything', async () => {
  const { world, clock, lease, heard } = await openLease();
  await world.clock.advance(10_000);
  clock.stop();
  await world.clock.advance(TERM_MS);
  assert.equal(lease.open, false);
  clock.continue();
  assert.equal(lease.open, false);
  assert.ok(heard.fenced > 0);
});

test('renewed between the fence and its end it is open again, with what it had', async () => {
  const { world, way, lease, heard } = await openLease();
  const { id } = lease;
  way.hold = 'requests';
  await world.clock.advance(FENCED_MS + 100);
  assert.deepEqual([lease.open, heard.fenced], [false, 1]);
  way.release();
  await world.clock.advance(HELD_MS - FENCED_MS - 200);
  assert.deepEqual([lease.open, lease.id === id, heard.changed], [true, true, 1]);
});

test('overdue, it is taken anew when nothing runs any more, and the one before is revoked first', async () => {
  const { world, lease, heard, named } = await openLease();
  const [first] = named;
  assert.ok(first !== undefined);
  world.server.stop();
  heard.running = 1;
  await world.clock.advance(HELD_MS);
  world.server.start();
  await world.clock.advance(20_000);
  assert.deepEqual([lease.open, named.length], [false, 1]);
  assert.equal(world.server.renewLease(first), true, 'what runs still needs its slots');
  heard.running = 0;
  await world.clock.advance(2_000);
  assert.deepEqual([lease.open, named.length, heard.taken.length], [true, 2, 0]);
  assert.equal(world.server.renewLease(first), false);
});

test('revoked while it was held, it is taken by somebody else, for good', async () => {
  const { world, lease, heard } = await openLease();
  assert.ok(lease.id !== undefined);
  world.server.revokeLease(lease.id);
  await world.clock.advance(6_000);
  assert.deepEqual([lease.open, heard.fenced, heard.taken], [false, 1, ['worker-id-taken']]);
  await world.clock.advance(TERM_MS);
  assert.equal(lease.open, false);
});

test('a worker whose line names another life by then does not come back', async () => {
  const { world, lease, heard, naming } = await openLease();
  world.server.stop();
  await world.clock.advance(HELD_MS);
  naming.error = fail('worker-id-taken');
  world.server.start();
  await world.clock.advance(2_000);
  assert.deepEqual([lease.open, heard.taken], [false, ['worker-id-taken']]);
});

test('closing revokes it, or the one that was lost', async () => {
  const one = await openLease();
  const [first] = one.named as [LeaseId];
  await one.lease[Symbol.asyncDispose]();
  assert.equal(one.world.server.renewLease(first), false);
  const other = await openLease();
  const [second] = other.named as [LeaseId];
  other.world.server.stop();
  await other.world.clock.advance(HELD_MS);
  other.world.server.start();
  await other.lease[Symbol.asyncDispose]();
  assert.equal(other.world.server.renewLease(second), false);
});
