import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '@lambent/core';
import { Division } from './division.ts';
import { usableOf } from './limit-record.ts';

const NOTHING_GRANTED = { get: () => 0 };

/** All givers looked at, with what is granted of each. */
function settled(
  division: Division,
  granted: { get(limitId: string): number | undefined } = NOTHING_GRANTED,
) {
  return division.settle(new Map(division.givers.map(limitId => [limitId, granted.get(limitId) ?? 0])));
}

function account(concurrency = 1_000): Division {
  return settled(Division.of(0, new Map()).resize(concurrency));
}

test('the pool is what nobody reserves', () => {
  const division = settled(account().reserve('f', 20));
  assert.deepEqual(Object.fromEntries(division.parts), {
    pool: { wanted: 980, held: 980 },
    f: { wanted: 20, held: 20, reserved: 20 },
  });
  assert.deepEqual(
    [division.unreserved, division.reservedOf('f'), division.reservedOf('g')],
    [980, 20, undefined],
  );
});

test('a part that grows has only what the others have let go of', () => {
  const busy = new Map([['pool', 990]]);
  const division = settled(account().reserve('f', 20), busy);
  assert.deepEqual(division.parts.get('pool'), { wanted: 980, held: 990 });
  assert.deepEqual(division.parts.get('f'), { wanted: 20, held: 10, reserved: 20 });
  assert.deepEqual([...division.parts.values()].map(usableOf), [980, 10]);
  assert.equal(settled(division).parts.get('f')?.held, 20);
});

test('a giver that nobody looked at keeps what it has', () => {
  const division = account().reserve('f', 20).settle(new Map());
  assert.equal(division.parts.get('pool')?.held, 1_000);
  assert.equal(division.parts.get('f')?.held, 0);
});

test('a reservation that is removed is a part until nobody has anything of it', () => {
  const removed = account().reserve('f', 20).unreserve('f');
  assert.equal(removed.parts.has('f'), false);
  const used = settled(settled(account().reserve('f', 20)).unreserve('f'), new Map([['f', 3]]));
  assert.deepEqual([used.parts.get('f'), used.reservedOf('f')], [{ wanted: 0, held: 3 }, undefined]);
  assert.equal(used.parts.get('pool')?.held, 997);
  assert.equal(settled(used).parts.has('f'), false);
});

test('a reservation of nothing is one', () => {
  const division = settled(account().reserve('f', 0));
  assert.deepEqual(division.parts.get('f'), { wanted: 0, held: 0, reserved: 0 });
});

test('what is provisioned is of the reservation where there is one, else of what is unreserved', () => {
  const division = settled(account().reserve('f', 20).provision('f', '1', 5).provision('g', '7', 30));
  assert.deepEqual(division.parts.get('f'), { wanted: 15, held: 15, reserved: 20 });
  assert.deepEqual(division.parts.get('f:1'), { wanted: 5, held: 5 });
  assert.deepEqual(division.parts.get('g:7'), { wanted: 30, held: 30 });
  assert.deepEqual(
    [division.unreserved, division.provisionedOf('f'), division.provisionedOf('g')],
    [950, 5, 30],
  );
  const without = settled(division.unprovision('f', '1').unprovision('g', '7'));
  assert.deepEqual([...without.parts.keys()].sort(), ['f', 'pool']);
  assert.equal(without.parts.get('f')?.held, 20);
});

test('what is provisioned waits for the reservation it is of, whatever else is free', () => {
  const reserved = settled(account().reserve('f', 20));
  const busy = new Map([['f', 20]]);
  const shrunk = reserved.provision('f', '1', 10).reserve('g', 100).unreserve('g');
  const division = settled(shrunk, busy);
  assert.deepEqual(division.parts.get('f'), { wanted: 10, held: 20, reserved: 20 });
  assert.equal(division.parts.get('f:1')?.held, 0);
  assert.equal(settled(division, new Map([['f', 12]])).parts.get('f:1')?.held, 8);
});

test('a reservation is never less than what is provisioned of it', () => {
  const division = account().reserve('f', 5);
  assert.throws(() => division.provision('f', '1', 6), /within what is reserved/);
  assert.throws(() => division.provision('f', '1', 5).reserve('f', 4), /within what is reserved/);
});

test('an account becomes no smaller than what is reserved, and its pool gives up the rest', () => {
  const division = account().reserve('f', 300);
  assert.equal(division.resize(100).concurrency, 300);
  assert.equal(division.resize(100).parts.get('pool')?.wanted, 0);
  const smaller = settled(settled(division).resize(500), new Map([['pool', 600]]));
  assert.deepEqual(smaller.parts.get('pool'), { wanted: 200, held: 600 });
  assert.equal(smaller.resize(1_000).parts.get('pool')?.wanted, 700);
});

test('whatever is changed, no more is held than there is, and all settles once the givers have let go', () => {
  for (let seed = 1; seed <= 200; seed += 1) playAtRandom(seed);
});

/** Owners who change their minds, and workers who raise up to what may be used and let go of it now and then. */
function playAtRandom(seed: number): void {
  const random = new SeededRandom(seed);
  const upTo = (most: number) => Math.floor(random.fraction() * (most + 1));
  const granted = new Map<string, number>();
  let division = account(60);
  const check = () => {
    const parts = [...division.parts];
    const sum = (of: (part: (typeof parts)[number]) => number) =>
      parts.reduce((all, part) => all + of(part), 0);
    assert.ok(sum(([, { held }]) => held) <= 60, `seed ${seed}: more is held than there is`);
    assert.equal(
      sum(([, { wanted }]) => wanted),
      60,
      `seed ${seed}`,
    );
    for (const [limitId, slots] of granted)
      assert.ok(
        slots <= (division.parts.get(limitId)?.held ?? 0),
        `seed ${seed}: ${limitId} is granted ${slots}`,
      );
  };
  for (let step = 0; step < 120; step += 1) {
    const functionId = `f${upTo(2)}`;
    division = changedAtRandom(division, functionId, upTo);
    for (const [limitId, part] of division.parts) {
      const most = Math.max(granted.get(limitId) ?? 0, usableOf(part));
      if (upTo(3) === 0) granted.set(limitId, upTo(most));
    }
    // Some givers are looked at, others not.
    const seen = division.givers.filter(() => upTo(1) === 0);
    division = division.settle(new Map(seen.map(limitId => [limitId, granted.get(limitId) ?? 0])));
    check();
  }
  for (let round = 0; round < 4; round += 1) {
    for (const [limitId, { wanted }] of division.parts)
      granted.set(limitId, Math.min(wanted, granted.get(limitId) ?? 0));
    division = settled(division, granted);
    check();
  }
  for (const [limitId, { wanted, held }] of division.parts)
    assert.equal(held, wanted, `seed ${seed}: ${limitId} is not settled`);
}

function changedAtRandom(division: Division, functionId: string, upTo: (most: number) => number): Division {
  const version = String(1 + upTo(1));
  const reserved = division.reservedOf(functionId);
  const provisioned = division.provisionedOf(functionId);
  const own = division.parts.get(`${functionId}:${version}`)?.wanted ?? 0;
  switch (upTo(4)) {
    case 0:
      return division.reserve(
        functionId,
        provisioned + upTo(division.unreserved + (reserved ?? provisioned) - provisioned),
      );
    case 1:
      return division.unreserve(functionId);
    case 2:
      return division.provision(
        functionId,
        version,
        upTo(reserved === undefined ? division.unreserved + own : reserved - provisioned + own),
      );
    case 3:
      return division.unprovision(functionId, version);
    default:
      return division;
  }
}

test('a function that is gone wants nothing, and leaves others what they have', () => {
  const division = account()
    .reserve('f', 30)
    .provision('f', '1', 10)
    .provision('g', '1', 5)
    .provision('f', '2', 20);
  assert.equal(division.unreserved, 965);
  const without = settled(settled(division).without('f'));
  assert.deepEqual([...without.parts.keys()].sort(), ['g:1', 'pool']);
  assert.equal(without.unreserved, 995);
  assert.deepEqual(without.without('f').parts, without.parts);
});
