import assert from 'node:assert/strict';
import { test } from 'node:test';
import { grantKey } from '@lambent/membership';
import type { LeaseId } from '@lambent/registry';
import { LIMIT_ID, RegistryWorld } from './registry-world.ts';
import { SlotGrant } from './slot-grant.ts';

/** Longer than an answer is waited for. */
const GIVEN_UP_MS = 2_100;

class Holder {
  readonly grant: SlotGrant;
  readonly way;
  lease: LeaseId | undefined;
  used = 0;
  room = Number.POSITIVE_INFINITY;
  readonly #world: RegistryWorld;
  readonly #name: string;

  constructor(world: RegistryWorld, name: string) {
    this.#world = world;
    this.#name = name;
    this.lease = world.server.grantLease(960_000);
    this.way = world.member(name);
    this.grant = new SlotGrant({
      registry: this.way.registry,
      clock: world.clock,
      limitId: LIMIT_ID,
      workerId: name,
      lease: () => this.lease,
      used: () => this.used,
      room: () => this.room,
      changed: () => undefined,
    });
  }

  get stored(): number {
    return this.#world.granted(this.#name);
  }

  async raise(slots: number): Promise<void> {
    await this.grant.raise(() => slots);
  }

  /** Uses as many as it may, as a busy worker would. */
  useAll(): void {
    this.used = Math.max(this.used, this.grant.usable);
  }
}

function openHolder(limit = 10) {
  const world = new RegistryWorld();
  world.setLimit(limit);
  return { world, holder: new Holder(world, 'one') };
}

test('a raise takes what it asks for, or what is free of the limit', async () => {
  const { world, holder } = openHolder(10);
  await holder.raise(4);
  assert.deepEqual([holder.grant.granted, holder.grant.usable, holder.stored], [4, 4, 4]);
  const other = new Holder(world, 'other');
  await other.raise(100);
  assert.deepEqual([other.grant.granted, other.stored], [6, 6]);
  await holder.raise(1);
  assert.equal(holder.grant.granted, 4);
});

test('a worker takes no more than it has room for, of whatever limit', async () => {
  const { holder } = openHolder(100);
  holder.room = 7;
  await holder.raise(16);
  assert.equal(holder.grant.granted, 7);
});

test('of a limit that nobody has written nothing is taken', async () => {
  const world = new RegistryWorld();
  const holder = new Holder(world, 'one');
  await holder.raise(1);
  assert.equal(holder.grant.granted, 0);
});

test('eight workers that raise at once never take more than there is', async () => {
  for (let seed = 0; seed < 20; seed += 1) {
    const world = new RegistryWorld(seed);
    world.setLimit(20);
    const holders = Array.from({ length: 8 }, (_, index) => new Holder(world, `worker-${index}`));
    for (let round = 0; round < 30; round += 1) {
      await Promise.all(holders.map(holder => holder.raise(1 + Math.floor(world.random.fraction() * 4))));
      assert.ok(world.grantedToAll <= 20, `${world.grantedToAll} of 20`);
      for (const holder of holders) assert.ok(holder.grant.usable <= holder.stored);
    }
    assert.equal(world.grantedToAll, 20);
  }
});

test('a raise reckoned from a limit that has fallen since is refused', async () => {
  const { world, holder } = openHolder(10);
  holder.way.holdFromTransaction('requests');
  const raising = holder.raise(10);
  await world.clock.advance(0);
  world.setLimit(3);
  holder.way.release();
  await raising;
  assert.deepEqual([holder.stored, holder.grant.usable], [0, 0]);
  await holder.raise(10);
  assert.equal(holder.grant.granted, 3);
});

test('a raise whose answer was lost counts only once it was read again', async () => {
  const { world, holder } = openHolder(10);
  await holder.raise(2);
  holder.way.holdFromTransaction('answers');
  const raising = holder.raise(5);
  await world.clock.advance(GIVEN_UP_MS);
  assert.deepEqual([holder.stored, holder.grant.usable], [7, 2]);
  holder.way.detach();
  await world.clock.advance(GIVEN_UP_MS);
  await raising;
  assert.deepEqual([holder.grant.granted, holder.grant.usable], [7, 7]);
});

test('a raise that was not carried out was not one, and can be carried out no more', async () => {
  const { world, holder } = openHolder(10);
  await holder.raise(2);
  holder.way.holdFromTransaction('requests');
  const raising = holder.raise(5);
  await world.clock.advance(GIVEN_UP_MS);
  const arrive = holder.way.detach();
  await world.clock.advance(GIVEN_UP_MS);
  await raising;
  assert.deepEqual([holder.stored, holder.grant.usable], [2, 2]);
  arrive();
  assert.deepEqual([holder.stored, holder.grant.usable], [2, 2]);
  await holder.raise(1);
  assert.deepEqual([holder.stored, holder.grant.usable], [3, 3]);
});

test('of a first raise that was looked for in vain nothing is left behind', async () => {
  const { world, holder } = openHolder(16);
  holder.way.holdFromTransaction('requests');
  const raising = holder.raise(16);
  await world.clock.advance(GIVEN_UP_MS);
  const arrive = holder.way.detach();
  await world.clock.advance(GIVEN_UP_MS);
  await raising;
  arrive();
  assert.deepEqual([holder.stored, holder.grant.granted], [0, 0]);
});

test('what rules a lost raise out may be lost as well, and is repeated until the last word is known', async () => {
  const { world, holder } = openHolder(16);
  holder.way.holdFromTransaction('requests');
  const raising = holder.raise(16);
  await world.clock.advance(GIVEN_UP_MS);
  const raise = holder.way.detach();
  holder.way.holdFromTransaction('requests');
  await world.clock.advance(2 * GIVEN_UP_MS);
  const rewrite = holder.way.detach();
  raise();
  rewrite();
  await world.clock.advance(2 * GIVEN_UP_MS);
  await raising;
  assert.deepEqual([holder.stored, holder.grant.granted, holder.grant.usable], [16, 16, 16]);
});

test('nothing else is asked of the registry before it is known what came of the last', async () => {
  const { world, holder } = openHolder(10);
  await holder.raise(4);
  holder.way.holdFromTransaction('answers');
  const raising = holder.raise(2);
  await world.clock.advance(GIVEN_UP_MS);
  holder.grant.lower(1);
  const again = holder.raise(2);
  await world.clock.advance(10 * GIVEN_UP_MS);
  assert.equal(holder.stored, 6);
  holder.way.detach();
  await world.clock.advance(GIVEN_UP_MS);
  await Promise.all([raising, again]);
  assert.deepEqual([holder.stored, holder.grant.usable], [3, 3]);
});

test('lowered, it starts no more at once, and gives back only what no longer runs', async () => {
  const { world, holder } = openHolder(10);
  await holder.raise(8);
  holder.used = 6;
  holder.grant.lower(2);
  assert.equal(holder.grant.usable, 2);
  await world.clock.advance(0);
  assert.equal(holder.stored, 6);
  holder.used = 3;
  await world.clock.advance(200);
  assert.equal(holder.stored, 3);
  holder.used = 0;
  await world.clock.advance(200);
  assert.deepEqual([holder.stored, holder.grant.usable, holder.grant.capped], [2, 2, false]);
  assert.equal(world.clock.pendingTimers, 1, 'no more than its lease');
  await holder.raise(3);
  assert.deepEqual([holder.stored, holder.grant.usable], [5, 5]);
});

test('what may yet be given back late is not used before the registry was written anew', async () => {
  const { world, holder } = openHolder(8);
  await holder.raise(8);
  holder.way.holdFromTransaction('requests');
  holder.grant.lower(2);
  await world.clock.advance(GIVEN_UP_MS);
  const raising = holder.raise(4);
  const arrive = holder.way.detach();
  holder.way.holdFromTransaction('requests');
  await world.clock.advance(GIVEN_UP_MS);
  // It was looked for in vain, and what is held is being written once more, which ends the doubt.
  await world.clock.advance(GIVEN_UP_MS / 2);
  assert.deepEqual([holder.stored, holder.grant.usable], [8, 2]);
  arrive();
  assert.deepEqual([holder.stored, holder.grant.usable], [2, 2]);
  holder.way.release();
  await world.clock.advance(GIVEN_UP_MS);
  await raising;
  assert.deepEqual([holder.stored, holder.grant.usable], [6, 6]);
});

test('what could not be given back may be used again once it was written anew', async () => {
  const { world, holder } = openHolder(8);
  await holder.raise(8);
  holder.way.holdFromTransaction('requests');
  holder.grant.lower(2);
  await world.clock.advance(GIVEN_UP_MS);
  const raising = holder.raise(4);
  holder.way.detach();
  await world.clock.advance(2 * GIVEN_UP_MS);
  await raising;
  assert.deepEqual([holder.stored, holder.grant.usable], [8, 8]);
});

test('when the limit falls each holder lowers itself to its part, until together they hold no more', async () => {
  const world = new RegistryWorld();
  world.setLimit(100);
  const holders = [50, 30, 20].map((_, index) => new Holder(world, `worker-${index}`));
  for (const [index, holder] of holders.entries()) await holder.raise([50, 30, 20][index] ?? 0);
  world.setLimit(50);
  const [busy] = holders as [Holder];
  busy.used = 45;
  for (const holder of holders) holder.grant.fit();
  await world.clock.advance(0);
  assert.ok(busy.grant.usable <= 25, 'new starts are bound at once');
  assert.equal(busy.stored, 45);
  busy.used = 0;
  await world.clock.advance(2_000);
  assert.ok(world.grantedToAll <= 50 && world.grantedToAll > 40, String(world.grantedToAll));
  const { usable } = busy.grant;
  world.setLimit(10);
  await busy.raise(5);
  assert.equal(busy.grant.usable, usable, 'a turn does not lift what the limit binds');
  for (const holder of holders) holder.grant[Symbol.dispose]();
  assert.equal(world.clock.pendingTimers, holders.length, 'no more than their leases');
});

test('a lease that is gone takes the grants with it, and what is still under way changes nothing', async () => {
  const { world, holder } = openHolder(10);
  await holder.raise(2);
  holder.way.holdFromTransaction('requests');
  const raising = holder.raise(5);
  await world.clock.advance(0);
  const { lease } = holder;
  assert.ok(lease !== undefined);
  world.server.revokeLease(lease);
  holder.lease = world.server.grantLease(960_000);
  holder.grant.forget();
  assert.deepEqual([holder.grant.granted, holder.grant.usable, holder.stored], [0, 0, 0]);
  holder.way.release();
  await raising;
  assert.deepEqual([holder.grant.granted, holder.grant.usable, holder.stored], [0, 0, 0]);
  await holder.raise(4);
  assert.deepEqual([holder.grant.granted, holder.stored], [4, 4]);
  assert.equal(world.server.get(grantKey(LIMIT_ID, 'one'))?.lease, holder.lease);
});

test('whatever is lost, late or changed, nothing is used that the registry does not grant', async () => {
  for (let seed = 1; seed <= 60; seed += 1) await playAtRandom(seed);
});

/** One schedule of raises, lowerings, ends of runs, changes of the limit, and ways held up. */
async function playAtRandom(seed: number): Promise<void> {
  const world = new RegistryWorld(seed);
  const { random, clock, server } = world;
  world.setLimit(12);
  const holders = Array.from({ length: 4 }, (_, index) => new Holder(world, `worker-${index}`));
  const transact = server.transact.bind(server);
  server.transact = transaction => {
    const before = world.grantedToAll;
    const result = transact(transaction);
    const after = world.grantedToAll;
    assert.ok(after <= Math.max(before, world.limit), `seed ${seed}: raised to ${after} of ${world.limit}`);
    check();
    return result;
  };
  const check = () => {
    for (const holder of holders) {
      assert.ok(holder.used <= holder.stored, `seed ${seed}: ${holder.used} used, ${holder.stored} granted`);
    }
  };
  const someOf = (most: number) => Math.floor(random.fraction() * (most + 1));
  for (let step = 0; step < 150; step += 1) {
    const holder = holders[someOf(holders.length - 1)] as Holder;
    const dice = random.fraction();
    if (dice < 0.25) void holder.raise(1 + someOf(5));
    else if (dice < 0.4) holder.grant.lower(someOf(6));
    else if (dice < 0.55) holder.used = someOf(holder.used);
    else if (dice < 0.65) {
      world.setLimit(4 + someOf(16));
      for (const each of holders) each.grant.fit();
    } else if (dice < 0.75) holder.way.hold = random.fraction() < 0.5 ? 'requests' : 'answers';
    else if (dice < 0.9) holder.way.release();
    await clock.advance(random.fraction() < 0.2 ? GIVEN_UP_MS : someOf(100));
    for (const each of holders) each.useAll();
    check();
  }
  for (const holder of holders) holder.way.release();
  await clock.advance(10 * GIVEN_UP_MS);
  for (const { grant, stored } of holders)
    assert.equal(grant.granted, stored, `seed ${seed}: slots of nobody`);
  for (const holder of holders) holder.grant[Symbol.dispose]();
}
