import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import {
  type Registry,
  SimulatedRegistry,
  SimulatedRegistryServer,
  type Transaction,
} from '@lambent/registry';
import { changeDivision, planDivision, readDivision } from './change-division.ts';
import { grantKey, limitKey } from './cluster-keys.ts';
import type { Division } from './division.ts';
import { decodeLimit, usableOf } from './limit-record.ts';
import { slotsOf } from './slots-of.ts';

function openRegistry() {
  const clock = new SimulatedClock();
  const server = new SimulatedRegistryServer({ clock, random: new SeededRandom(1) });
  const wire = {
    carry: (_from: string, _to: string, deliver: () => void) => queueMicrotask(deliver),
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
  const registry: Registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  const grant = (limitId: string, worker: string, slots: number) =>
    server.transact({
      compare: [],
      write: [{ kind: 'put', key: grantKey(limitId, worker), value: Buffer.from(String(slots)) }],
    });
  const limit = (limitId: string) => {
    const entry = server.get(limitKey(limitId));
    return entry && decodeLimit(entry);
  };
  const resize = (concurrency: number) =>
    changeDivision(registry, division => ({ division: division.resize(concurrency) }));
  return { registry, server, grant, limit, resize };
}

const reserving = (functionId: string, slots: number) => (division: Division) => ({
  division: division.reserve(functionId, slots),
});

test('what can move is moved with the change, the rest when it is settled', async () => {
  const { registry, grant, limit, resize } = openRegistry();
  await resize(100);
  grant('pool', 'one', 60);
  grant('pool', 'other', 30);
  await changeDivision(registry, reserving('f', 40));
  assert.deepEqual(
    [limit('pool'), limit('f')],
    [
      { wanted: 60, held: 90 },
      { wanted: 40, held: 10, reserved: 40 },
    ],
  );
  grant('pool', 'one', 10);
  const settled = await changeDivision(registry, division => ({ division }));
  assert.equal(settled.parts.get('f')?.held, 40);
  assert.deepEqual(limit('f'), { wanted: 40, held: 40, reserved: 40 });
});

test('what does not change is not written', async () => {
  const { registry, server, resize } = openRegistry();
  await resize(100);
  const { revision } = server.range('');
  await resize(100);
  assert.equal(server.range('').revision, revision);
  assert.equal((await readDivision(registry)).concurrency, 100);
});

test('a grant that is raised while its giver is looked at is looked at again', async () => {
  const { registry, server, grant, limit, resize } = openRegistry();
  await resize(100);
  grant('pool', 'one', 10);
  const transact = server.transact.bind(server);
  let raised = false;
  server.transact = (transaction: Transaction) => {
    if (!raised) {
      raised = true;
      grant('pool', 'one', 95);
    }
    return transact(transaction);
  };
  await changeDivision(registry, reserving('f', 40));
  assert.deepEqual([limit('pool')?.held, limit('f')?.held], [95, 5]);
});

test('grants that never stand still hold up what is held, not what is wanted', async () => {
  const { registry, server, grant, limit, resize } = openRegistry();
  await resize(100);
  const transact = server.transact.bind(server);
  server.transact = (transaction: Transaction) => {
    transact({
      compare: [],
      write: [{ kind: 'put', key: grantKey('pool', 'one'), value: Buffer.from('90') }],
    });
    return transact(transaction);
  };
  grant('pool', 'one', 90);
  await changeDivision(registry, reserving('f', 40));
  assert.deepEqual(limit('pool'), { wanted: 60, held: 100 });
  assert.deepEqual(limit('f'), { wanted: 40, held: 0, reserved: 40 });
});

test('two who change it at once both come through', async () => {
  const { registry, limit, resize } = openRegistry();
  await resize(1_000);
  const names = ['a', 'b', 'c', 'd', 'e'];
  await Promise.all(names.map(name => changeDivision(registry, reserving(name, 100))));
  assert.deepEqual(limit('pool'), { wanted: 500, held: 500 });
});

test('what nobody knows the fate of is decided anew, and stands once', async () => {
  const { registry, limit, resize } = openRegistry();
  await resize(1_000);
  for (const fate of ['written', 'lost']) {
    const transact = registry.transact.bind(registry);
    registry.transact = async transaction => {
      registry.transact = transact;
      if (fate === 'written') await transact(transaction);
      return { kind: 'unknown' };
    };
    let decided = 0;
    await changeDivision(registry, division => {
      decided += 1;
      return reserving(fate, 100)(division);
    });
    assert.equal(decided, 2);
    assert.equal(limit(fate)?.held, 100);
  }
  assert.equal(limit('pool')?.held, 800);
});

test('what is written with it is written with it or not at all', async () => {
  const { registry, server, limit, resize } = openRegistry();
  await resize(1_000);
  const value = Buffer.from('x');
  await changeDivision(registry, division => ({
    division: division.reserve('f', 1),
    compare: [{ kind: 'key', key: 'beside', modRevision: 0 }],
    write: [{ kind: 'put', key: 'beside', value }],
  }));
  assert.deepEqual([server.get('beside')?.modRevision, limit('f')?.held], [server.range('').revision, 1]);
  const late = changeDivision(registry, division => ({
    division: division.reserve('f', 2),
    compare: [{ kind: 'key', key: 'beside', modRevision: 0 }],
  }));
  await assert.rejects(late, { reason: 'registry-unavailable' });
  assert.equal(limit('f')?.held, 1);
});

test('what refuses to decide changes nothing', async () => {
  const { registry, server, resize } = openRegistry();
  await resize(1_000);
  const { revision } = server.range('');
  const refused = changeDivision(registry, () => Promise.reject(new Error('too few are left')));
  await assert.rejects(refused, /too few are left/);
  assert.equal(server.range('').revision, revision);
});

test('however grants are raised between, no part is granted more than it holds', async () => {
  for (let seed = 1; seed <= 40; seed += 1) await playAtRandom(seed);
});

/** Raises and lowerings, sound ones, right before each write of a division. */
async function playAtRandom(seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const { registry, server, grant, limit, resize } = openRegistry();
  const upTo = (most: number) => Math.floor(random.fraction() * (most + 1));
  await resize(50);
  const grantedOf = (limitId: string) => {
    const entry = server.get(grantKey(limitId, 'one'));
    return entry ? slotsOf(entry) : 0;
  };
  const limitIds = ['pool', 'f0', 'f1'];
  const meddle = () => {
    for (const limitId of limitIds) {
      const part = limit(limitId);
      if (part && upTo(2) === 0) grant(limitId, 'one', upTo(Math.max(usableOf(part), grantedOf(limitId))));
    }
  };
  const check = () => {
    let held = 0;
    for (const limitId of limitIds) {
      held += limit(limitId)?.held ?? 0;
      assert.ok(grantedOf(limitId) <= (limit(limitId)?.held ?? 0), `seed ${seed}: ${limitId}`);
    }
    assert.ok(held <= 50, `seed ${seed}: ${held} are held`);
  };
  const transact = server.transact.bind(server);
  for (let step = 0; step < 30; step += 1) {
    server.transact = transaction => {
      server.transact = transact;
      if (upTo(1) === 0) meddle();
      const result = transact(transaction);
      check();
      return result;
    };
    const functionId = `f${upTo(1)}`;
    await changeDivision(registry, division => {
      const most = division.unreserved + (division.reservedOf(functionId) ?? 0);
      return {
        division: upTo(3) === 0 ? division.unreserve(functionId) : division.reserve(functionId, upTo(most)),
      };
    });
    check();
  }
}

test('a plan is sent together with something else, and refused once somebody else has changed the division', async () => {
  const { registry, limit, resize } = openRegistry();
  await resize(100);
  const early = await planDivision(registry, reserving('f', 40));
  const late = await planDivision(registry, reserving('g', 40));
  const note = { kind: 'put' as const, key: 'note', value: Buffer.from('f') };
  const send = ({ transaction }: typeof early) =>
    registry.transact({ ...transaction, write: [...transaction.write, note] });
  assert.equal((await send(early)).kind, 'committed');
  assert.equal((await send(late)).kind, 'refused');
  assert.deepEqual([limit('f')?.held, limit('g')], [40, undefined]);
  assert.equal(early.division.unreserved, 60);
});
