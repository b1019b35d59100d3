import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  EnvironmentKeySchema,
  EnvironmentSpecSchema,
  environmentKeyText,
  type WorkerReport,
  WorkerReportSchema,
} from '@lambent/contracts';
import { type Random, SeededRandom, SimulatedClock } from '@lambent/core';
import { Fleet } from './fleet.ts';
import { type Member, slotsFree } from './member.ts';

const FUNCTIONS = ['f', 'g', 'h'];
const LIMITS = ['pool', 'g'];
const RUNTIMES = ['nodejs24.x', 'python3.11'];
/** Always the same ones, so that what is remembered of them has to be found out of date. */
const GRANTS = new Map([
  ['w-1', 5],
  ['gone', 7],
]);
const WORKERS = Array.from({ length: 12 }, (_, index) => `w-${index}`);

test('whatever workers report, are given or leave behind, what the view says is the sum over them', async () => {
  const [clock, random] = [new SimulatedClock(), new SeededRandom(1)];
  const fleet = new Fleet({ clock, limitIdOf: functionId => (functionId === 'g' ? 'g' : 'pool') });
  for (let step = 0; step < 2_000; step++) {
    change(fleet, random);
    await clock.advance(random.fraction() * 200);
    const members = WORKERS.flatMap(workerId => fleet.member(workerId) ?? []);
    assertSums(fleet, members, `step ${step}`);
  }
});

test('environments that start count against the limit of their function', () => {
  const fleet = new Fleet({ clock: new SimulatedClock(), limitIdOf: id => (id === 'g' ? 'g' : 'pool') });
  const holdings = [{ key: keyOf('g'), starting: 2, idle: 0, busy: 0 }];
  const limits = LIMITS.map(limitId => ({ limitId, granted: 4, used: 1, wanted: 0 }));
  fleet.report(create(WorkerReportSchema, { workerId: 'w', limits, holdings }));
  const member = fleet.member('w') as Member;
  assert.deepEqual([slotsFree(member, 'pool'), slotsFree(member, 'g')], [3, 1]);
  fleet.debit('w', specOf('f'), { count: 5, limitId: 'pool' });
  assert.deepEqual([slotsFree(member, 'pool'), slotsFree(member, 'g')], [-2, 1]);
});

function change(fleet: Fleet, random: Random): void {
  const workerId = oneOf(WORKERS, random);
  const limitId = oneOf(LIMITS, random);
  const what = random.fraction();
  if (what < 0.6) fleet.report(reportOf(workerId, random));
  else if (what < 0.8) fleet.debit(workerId, specOf(oneOf(FUNCTIONS, random)), { count: 2, limitId });
  else if (what < 0.88) fleet.lowered(workerId, limitId, 3);
  else if (what < 0.96) fleet.raised(workerId, limitId, 7);
  else fleet.leave(workerId);
}

function assertSums(fleet: Fleet, members: readonly Member[], message: string): void {
  const view = fleet.view();
  const ready = members.filter(({ standing }) => standing === 'ready');
  assert.equal(view.ready, ready.length, message);
  for (const runtime of RUNTIMES) {
    assert.equal(
      view.hasRuntime(runtime),
      members.some(({ runtimes }) => runtimes.has(runtime)),
    );
    assertSame(
      view.withRuntime(runtime),
      ready.filter(({ runtimes }) => runtimes.has(runtime)),
    );
  }
  for (const functionId of FUNCTIONS) {
    assertSame(
      view.withCode(functionId),
      members.filter(({ codeCached }) => codeCached.has(functionId)),
    );
    const key = environmentKeyText(keyOf(functionId));
    const { starting, idle, holders } = view.holdings(key);
    assert.equal(
      starting,
      sumOf(ready, member => member.holdings.get(key)?.starting ?? 0),
    );
    assert.equal(
      idle,
      sumOf(ready, member => member.holdings.get(key)?.idle ?? 0),
    );
    assertSame(
      holders,
      ready.filter(({ holdings }) => holdings.has(key)),
    );
  }
  for (const limitId of LIMITS) assertShares(fleet, members, limitId);
}

function assertShares(fleet: Fleet, members: readonly Member[], limitId: string): void {
  const shares = fleet.view().shares(limitId);
  const ready = members.filter(({ standing }) => standing === 'ready');
  const spoken = members.filter(({ standing }) => standing === 'ready' || standing === 'draining');
  const free = (member: Member) => slotsFree(member, limitId);
  const share = (member: Member) => member.shares.get(limitId) ?? { granted: 0, used: 0, wanted: 0 };
  assertSame(
    shares.withSlots,
    ready.filter(member => free(member) > 0),
  );
  assertSame(
    shares.givers,
    spoken.filter(member => free(member) > 0),
  );
  assert.equal(
    shares.idle,
    sumOf(spoken, member => Math.max(0, free(member))),
  );
  assert.equal(
    shares.unused,
    sumOf(spoken, member => share(member).granted - share(member).used),
  );
  assert.equal(
    shares.promised,
    sumOf(ready, member => Math.max(0, share(member).wanted, -free(member))),
  );
  const unwritten = members.filter(({ workerId }) => workerId !== 'w-1');
  assert.equal(
    shares.unheld({ id: limitId, slots: 100, grants: GRANTS }),
    100 - 12 - sumOf(unwritten, member => share(member).granted),
  );
}

function assertSame(found: Iterable<Member>, expected: readonly Member[]): void {
  assert.deepEqual(
    new Set([...found].map(({ workerId }) => workerId)),
    new Set(expected.map(one => one.workerId)),
  );
}

function reportOf(workerId: string, random: Random): WorkerReport {
  const some = <T>(things: readonly T[]) => things.filter(() => random.fraction() < 0.5);
  const number = () => Math.floor(random.fraction() * 5);
  return create(WorkerReportSchema, {
    workerId,
    memoryMbFree: BigInt(number() * 256),
    draining: random.fraction() < 0.1,
    sessionLost: random.fraction() < 0.1,
    runtimes: some(RUNTIMES),
    codeCached: some(FUNCTIONS),
    limits: some(LIMITS).map(limitId => ({
      limitId,
      granted: number() + 5,
      used: number(),
      wanted: number(),
    })),
    holdings: some(FUNCTIONS).map(functionId => ({
      key: keyOf(functionId),
      starting: number(),
      idle: number(),
      busy: number(),
    })),
  });
}

function keyOf(functionId: string) {
  return create(EnvironmentKeySchema, { functionId, version: '1', revision: 1n, tenantId: '' });
}

function specOf(functionId: string) {
  return create(EnvironmentSpecSchema, { key: keyOf(functionId), memoryMb: 128 });
}

function sumOf(members: readonly Member[], amountOf: (member: Member) => number): number {
  return members.reduce((sum, member) => sum + amountOf(member), 0);
}

function oneOf<T>(things: readonly T[], random: Random): T {
  return things[Math.floor(random.fraction() * things.length)] as T;
}
