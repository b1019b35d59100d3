import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure, SeededRandom, SimulatedClock } from '@lambent/core';
import { createLogger } from '@lambent/daemon';
import { encodeRecord, fleetKey, grantKey, memberKey, placeText } from '@lambent/membership';
import { type LeaseId, SimulatedRegistry, SimulatedRegistryServer } from '@lambent/registry';
import { FleetEntry } from './fleet-entry.ts';

const KEY = fleetKey('worker/1');

function openWorld() {
  const clock = new SimulatedClock();
  const server = new SimulatedRegistryServer({ clock, random: new SeededRandom(1) });
  const held: (() => void)[] = [];
  const way = { held, holding: false };
  const wire = {
    carry: (_from: string, to: string, deliver: () => void) => {
      if (way.holding && to === 'registry') held.push(deliver);
      else queueMicrotask(deliver);
    },
    expire: (timeoutMs: number, late: () => void) => clock.setTimer(timeoutMs, late),
  };
  const registry = new SimulatedRegistry({ server, wire, member: 'a', clock });
  const claim = (incarnation: string, place = 'here') =>
    FleetEntry.claim({
      registry,
      workerId: 'worker/1',
      address: 'host:1',
      memoryMb: 1_024,
      runtimes: ['nodejs24.x'],
      incarnation,
      place,
      logger: createLogger({ level: 'silent', service: 'worker' }),
    });
  const line = () => {
    const entry = server.get(KEY);
    return entry && JSON.parse(Buffer.from(entry.value).toString());
  };
  return { clock, server, way, claim, line };
}

const lease = (name: string) => name as LeaseId;
const isTaken = (error: unknown) => isFailure(error, 'worker-id-taken');
const isAway = (error: unknown) => isFailure(error, 'registry-unavailable');

test('a worker writes where it is and what its grants live by, and takes it back when it leaves', async () => {
  const { claim, line } = openWorld();
  {
    await using entry = await claim('life');
    assert.equal(line(), undefined);
    await entry.write(lease('lease-1'));
    await entry.write(lease('lease-2'));
    assert.deepEqual(line(), {
      address: 'host:1',
      incarnation: 'life',
      place: 'here',
      grantLease: 'lease-2',
      memoryMb: 1_024,
      runtimes: ['nodejs24.x'],
    });
  }
  assert.equal(line(), undefined);
});

test('the next life of a worker ends the grants of the one before, which then can write no more', async () => {
  const { server, claim, line } = openWorld();
  const grantLease = server.grantLease(960_000);
  const first = await claim('first');
  await first.write(grantLease);
  const second = await claim('second');
  assert.equal(server.renewLease(grantLease), false);
  await second.write(lease('lease-2'));
  await assert.rejects(first.write(lease('lease-3')), isTaken);
  await first[Symbol.asyncDispose]();
  assert.equal(line().incarnation, 'second');
});

test('two lives that begin together do not both go on', async () => {
  const { claim } = openWorld();
  const [one, other] = [await claim('one'), await claim('other')];
  await one.write(lease('lease-1'));
  await assert.rejects(other.write(lease('lease-2')), isTaken);
});

test('a worker that lives elsewhere under the same id is left alone', async () => {
  const { server, claim } = openWorld();
  const grantLease = server.grantLease(960_000);
  const first = await claim('first');
  await first.write(grantLease);
  const record = { role: 'worker', id: 'worker/1', incarnation: 'first', version: '0', place: 'here' };
  const put = { kind: 'put', key: memberKey('worker', 'worker/1'), value: encodeRecord(record) } as const;
  server.transact({ compare: [], write: [put] });
  await assert.rejects(claim('copy', 'elsewhere'), isTaken);
  assert.equal(server.renewLease(grantLease), true);
  // Where only one can live, the one whose record is still seen is dead.
  await claim('next', 'here');
  assert.equal(server.renewLease(grantLease), false);
});

test('a worker that is only not seen keeps its slots: a copy waits until they are free', async () => {
  const { server, claim } = openWorld();
  const home = { machine: 'm-1', boot: 'boot-1', directory: '8:2' };
  const grantLease = server.grantLease(960_000);
  const first = await claim('first', placeText(home));
  await first.write(grantLease);
  const key = grantKey('pool', 'worker/1');
  const hold = { kind: 'put', key, value: Buffer.from('3'), lease: grantLease } as const;
  server.transact({ compare: [], write: [hold] });
  await assert.rejects(claim('copy', placeText({ ...home, directory: '8:3' })), isTaken);
  await assert.rejects(claim('copy', placeText({ ...home, machine: 'm-2', boot: 'boot-9' })), isTaken);
  assert.notEqual(server.get(key), undefined);
  server.transact({ compare: [], write: [{ kind: 'put', key, value: Buffer.from('0'), lease: grantLease }] });
  await claim('copy', placeText({ ...home, machine: 'm-2' }));
  assert.equal(server.renewLease(grantLease), false);
});

test('after its machine has booted a worker goes on at once', async () => {
  const { server, claim } = openWorld();
  const home = { machine: 'm-1', boot: 'boot-1', directory: '8:2' };
  const grantLease = server.grantLease(960_000);
  const first = await claim('first', placeText(home));
  await first.write(grantLease);
  const key = grantKey('pool', 'worker/1');
  const hold = { kind: 'put', key, value: Buffer.from('3'), lease: grantLease } as const;
  server.transact({ compare: [], write: [hold] });
  await claim('next', placeText({ ...home, boot: 'boot-2' }));
  assert.equal(server.get(key), undefined);
});

test('a write whose answer was lost is looked for before it is relied on', async () => {
  const { clock, way, claim, line } = openWorld();
  const entry = await claim('life');
  way.holding = true;
  const lost = assert.rejects(entry.write(lease('lease-1')), isAway);
  await clock.advance(10_000);
  await lost;
  way.holding = false;
  // It arrives late, after the next was tried.
  for (const deliver of way.held.splice(0)) deliver();
  await clock.advance(0);
  assert.equal(line().grantLease, 'lease-1');
  await assert.rejects(entry.write(lease('lease-2')), isAway);
  await entry.write(lease('lease-2'));
  assert.equal(line().grantLease, 'lease-2');
});
