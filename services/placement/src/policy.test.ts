import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  EnvironmentSpecSchema,
  LimitHoldingSchema,
  type WorkerReport,
  WorkerReportSchema,
} from '@lambent/contracts';
import { SeededRandom, SimulatedClock } from '@lambent/core';
import { Fleet } from './fleet.ts';
import type { Limit } from './limit.ts';
import { advise } from './policy.ts';

const SPEC = create(EnvironmentSpecSchema, {
  key: { functionId: 'f', version: '1', revision: 1n, tenantId: '' },
  runtime: 'nodejs24.x',
  memoryMb: 128,
  codeSha256: 'c0de',
});
const KEY = SPEC.key as NonNullable<typeof SPEC.key>;
const SLOTS = 1_000;

test('nobody live, nobody able, no slot and no memory are told apart', () => {
  assert.equal(adviceOf([], 1).kind, 'no-worker');
  assert.equal(adviceOf([report('a', { draining: true })], 1).kind, 'no-worker');
  assert.equal(adviceOf([report('a', { sessionLost: true })], 1).kind, 'no-worker');
  assert.equal(adviceOf([report('a', { runtimes: ['python3.11'] })], 1).kind, 'no-runtime');
  assert.equal(adviceOf([report('a', { limits: [pool(SLOTS, SLOTS)] })], 1).kind, 'limit');
  assert.equal(adviceOf([report('a', { memoryMbFree: 100n })], 1).kind, 'no-room');
});

test('a runtime that only a worker has that takes nothing now is waited for, not missed', () => {
  const fleet = [report('a', { runtimes: ['python3.11'] }), report('b', { draining: true })];
  assert.equal(adviceOf(fleet, 1).kind, 'no-worker');
});

test('a worker that has not reported for three seconds is not advised', async () => {
  const clock = new SimulatedClock();
  const fleet = new Fleet({ clock });
  fleet.report(report('a'));
  await clock.advance(3_000);
  assert.equal(advise(fleet.view(), need(1), limit(), new SeededRandom(1)).kind, 'start');
  await clock.advance(1);
  assert.equal(advise(fleet.view(), need(1), limit(), new SeededRandom(1)).kind, 'no-worker');
});

test('what starts already is not asked for again', () => {
  const holdings = [{ key: KEY, starting: 2, idle: 0, busy: 0 }];
  const advice = adviceOf([report('a', { holdings })], 2);
  assert.deepEqual(advice, { kind: 'start', already: 2, starts: [] });
  assert.deepEqual(adviceOf([report('a', { holdings })], 5), {
    kind: 'start',
    already: 2,
    starts: [{ workerId: 'a', count: 3 }],
  });
});

test('a worker that has the code goes before one that has not', () => {
  const fleet = [report('cold'), report('warm', { codeCached: ['c0de'] })];
  for (let seed = 0; seed < 20; seed++)
    assert.deepEqual(startsOf(fleet, 1, {}, seed), [{ workerId: 'warm', count: 1 }]);
});

test('a worker that has slots goes before one that has the code but would have to raise', () => {
  const fleet = [report('a', { limits: [pool(4)] }), report('b', { limits: [], codeCached: ['c0de'] })];
  for (let seed = 0; seed < 20; seed++)
    assert.deepEqual(startsOf(fleet, 1, { a: 4 }, seed), [{ workerId: 'a', count: 1 }]);
});

test('many starts spread, never past anybody’s memory or slots', () => {
  const fleet = [report('a', { memoryMbFree: 128n * 3n }), report('b', { limits: [pool(5)] }), report('c')];
  for (let seed = 0; seed < 50; seed++) {
    const counts = new Map(
      startsOf(fleet, 40, { a: 400, b: 5, c: 595 }, seed).map(start => [start.workerId, start.count]),
    );
    assert.ok((counts.get('a') ?? 0) <= 3, `seed ${seed}`);
    assert.ok((counts.get('b') ?? 0) <= 5, `seed ${seed}`);
    assert.ok((counts.get('c') ?? 0) >= 32, `seed ${seed}`);
    assert.equal(
      [...counts.values()].reduce((sum, count) => sum + count, 0),
      40,
    );
  }
});

test('without slots of their own workers start for what is left of the limit, and for no more', () => {
  const fleet = [report('a', { limits: [] }), report('b', { limits: [pool(996, 996)] })];
  const total = (waiting: number) =>
    startsOf(fleet, waiting, { b: 996 }).reduce((sum, { count }) => sum + count, 0);
  assert.equal(total(3), 3);
  assert.equal(total(9), 4);
});

test('what others have asked for of the limit is not given away twice', () => {
  const fleet = [report('a', { limits: [pool(995, 995, 5)] }), report('b', { limits: [] })];
  assert.deepEqual(adviceOf(fleet, 1, { a: 995 }), { kind: 'wait', already: 0, giveBack: [] });
});

test('slots that any environment is about to use are not free', () => {
  const other = { ...KEY, functionId: 'g' };
  const holdings = [{ key: other, starting: 3, idle: 0, busy: 0 }];
  const fleet = [report('a', { limits: [pool(SLOTS, SLOTS - 3)], holdings })];
  assert.equal(adviceOf(fleet, 1, { a: SLOTS }).kind, 'limit');
});

test('an environment that is idle for want of a slot which its worker has asked for is not started anew', () => {
  const holdings = [{ key: KEY, starting: 0, idle: 2, busy: 10 }];
  const fleet = [report('a', { limits: [pool(10, 10, 2)], holdings })];
  assert.deepEqual(adviceOf(fleet, 2, { a: 10 }), { kind: 'start', already: 0, starts: [] });
  assert.equal(startsOf(fleet, 3, { a: 10 })[0]?.count, 1);
});

test('idle slots where nothing can start are asked back before anybody is refused', () => {
  const full = report('full', { limits: [pool(0)] });
  const hoarding = report('hoarding', { limits: [pool(600, 590)], memoryMbFree: 0n });
  const leaving = report('leaving', { limits: [pool(400, 380)], draining: true });
  const grants = { full: 0, hoarding: 600, leaving: 400 };
  assert.deepEqual(adviceOf([full, hoarding, leaving], 25, grants), {
    kind: 'wait',
    already: 0,
    giveBack: [{ workerId: 'hoarding', slots: 595 }],
  });
  assert.deepEqual(
    adviceOf([full, hoarding, leaving], 20, grants),
    { kind: 'wait', already: 0, giveBack: [] },
    'who leaves gives back unasked',
  );
  const cutOff = report('cut-off', { limits: [pool(1_000, 980)], sessionLost: true });
  assert.equal(adviceOf([full, cutOff], 1, { full: 0, 'cut-off': 1_000 }).kind, 'limit');
});

test('idle slots that a lowered limit takes anyway are nobody’s', () => {
  const fleet = [
    report('a', { limits: [pool(0)] }),
    report('b', { limits: [pool(1_020, 1_000)], memoryMbFree: 0n }),
  ];
  assert.equal(adviceOf(fleet, 1, { a: 0, b: 1_020 }).kind, 'limit');
});

test('without memory anywhere nobody is asked to give slots back', () => {
  const fleet = [
    report('a', { limits: [pool(0)], memoryMbFree: 0n }),
    report('b', { limits: [pool(1_000, 900)], memoryMbFree: 0n }),
  ];
  assert.equal(adviceOf(fleet, 1, { a: 0, b: 1_000 }).kind, 'no-room');
});

test('a limit that nobody has written yet is waited for', () => {
  const unknown = { id: 'pool', slots: undefined, grants: new Map() };
  const fleet = fleetOf([report('a', { limits: [] })]);
  assert.equal(advise(fleet.view(), need(1), unknown, new SeededRandom(1)).kind, 'wait');
});

test('what was just given away is debited until the next report', () => {
  const fleet = fleetOf([report('a', { memoryMbFree: 256n })]);
  fleet.debit('a', SPEC, { count: 2, limitId: 'pool' });
  assert.deepEqual(advise(fleet.view(), need(3), limit(), new SeededRandom(1)), {
    kind: 'no-room',
    already: 2,
  });
  fleet.report(report('a', { memoryMbFree: 256n }));
  assert.equal(advise(fleet.view(), need(1), limit(), new SeededRandom(1)).kind, 'start');
});

function adviceOf(
  reports: readonly WorkerReport[],
  waiting: number,
  grants: Record<string, number> = {},
  seed = 1,
) {
  return advise(fleetOf(reports).view(), need(waiting), limit(grants), new SeededRandom(seed));
}

function startsOf(...given: Parameters<typeof adviceOf>) {
  const advice = adviceOf(...given);
  return advice.kind === 'start' ? advice.starts : [];
}

function fleetOf(reports: readonly WorkerReport[]): Fleet {
  const fleet = new Fleet({ clock: new SimulatedClock() });
  for (const each of reports) fleet.report(each);
  return fleet;
}

const need = (waiting: number) => ({ spec: SPEC, waiting });

const limit = (grants: Record<string, number> = {}): Limit => ({
  id: 'pool',
  slots: SLOTS,
  grants: new Map(Object.entries(grants)),
});

const pool = (granted: number, used = 0, wanted = 0) =>
  create(LimitHoldingSchema, { limitId: 'pool', granted, used, wanted });

function report(
  workerId: string,
  more: Partial<Omit<WorkerReport, 'holdings'>> & { holdings?: object[] } = {},
) {
  return create(WorkerReportSchema, {
    workerId,
    memoryMbFree: 8_192n,
    limits: [pool(1_000)],
    runtimes: ['nodejs24.x'],
    ...(more as object),
  });
}
