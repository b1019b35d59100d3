import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotStartedReason, OutcomeKind } from '@lambent/contracts';
import { isFailure } from '@lambent/core';
import { encodeRecord, fleetKey, limitKey, memberKey, POOL_LIMIT_ID } from '@lambent/membership';
import { WorkerStage } from './worker-stage.ts';

const TERM_MS = 20_000;
/** 99 % of the term, less a second, less a tenth of the term. */
const FENCED_MS = 16_800;

const pool = (stage: WorkerStage) => {
  const held = stage.reports.at(-1)?.limits.find(({ limitId }) => limitId === POOL_LIMIT_ID);
  return { granted: held?.granted ?? 0, used: held?.used ?? 0, wanted: held?.wanted ?? 0 };
};

test('a turn is answered to who gave it, and a report goes out at once', async () => {
  await using stage = await WorkerStage.openSlotless();
  assert.equal(stage.reports.at(-1)?.limits.length, 0);
  const before = stage.reports.length;
  await stage.raise(16);
  assert.deepEqual(
    stage.turns.map(({ limitId, turn, granted }) => ({ limitId, turn, granted })),
    [{ limitId: POOL_LIMIT_ID, turn: 1n, granted: 16 }],
  );
  assert.equal(stage.reports.length, before + 1);
  assert.deepEqual(pool(stage), { granted: 16, used: 0, wanted: 0 });
  assert.equal(stage.granted, 16);
});

test('what starts wants a slot, and is told of only when there is one', async () => {
  await using stage = await WorkerStage.openSlotless();
  const router = await stage.router('one');
  stage.start(2);
  await stage.until('two ready ones', () => stage.idle === 2);
  await stage.clock.advance(110);
  assert.deepEqual(pool(stage), { granted: 0, used: 0, wanted: 2 });
  assert.equal(router.vacancy, 0);
  await stage.raise(1);
  await stage.clock.advance(10);
  assert.equal(router.vacancy, 2);
  router.invoke('r1');
  assert.equal((await router.result('r1')).outcome, OutcomeKind.OK);
});

test('without a turn a worker that needs slots takes a block by itself', async () => {
  await using stage = await WorkerStage.openSlotless();
  const router = await stage.router('one');
  stage.start(1);
  await stage.until('a ready one', () => stage.idle === 1);
  await stage.clock.advance(290);
  assert.equal(stage.granted, 0);
  await stage.clock.advance(30);
  assert.equal(stage.granted, 16);
  router.invoke('r1');
  await router.result('r1');
});

test('who was refused for want of a slot is offered an environment when one is free', async () => {
  await using stage = await WorkerStage.openSlotless({
    invoke: ({ requestId, payload }) => (requestId === 'r1' ? 'hang' : { kind: 'response', payload }),
  });
  await stage.raise(1);
  const [one, two] = [await stage.router('one'), await stage.router('two')];
  await stage.warm(one, 2);
  one.invoke('r1');
  two.invoke('r2');
  const refusal = await two.refusal('r2');
  assert.deepEqual([refusal.reason, refusal.vacancy?.idle], [NotStartedReason.LIMIT, 0]);
  await stage.clock.advance(110);
  assert.deepEqual(pool(stage), { granted: 1, used: 1, wanted: 1 });
  await stage.raise(1);
  await stage.until('the offer', () => two.all('offer').length === 1);
  two.invoke('r2');
  assert.equal((await two.result('r2')).outcome, OutcomeKind.OK);
});

test('told to lower itself it starts no more at once, and gives back as runs end', async () => {
  await using stage = await WorkerStage.openSlotless({ restless: true });
  await stage.raise(4);
  const router = await stage.router('one');
  await stage.warm(router, 3);
  router.invoke('r1');
  router.invoke('r2');
  await stage.pass(2);
  stage.lower(0);
  router.invoke('r3');
  assert.equal((await router.refusal('r3')).reason, NotStartedReason.LIMIT);
  await stage.clock.advance(0);
  assert.equal(stage.granted, 2);
  for (const program of stage.sandboxes.programs) program.rest();
  await stage.clock.advance(200);
  assert.equal(stage.granted, 0);
  await stage.raise(2);
  router.invoke('r4');
  await stage.pass(2);
  await router.result('r4');
});

test('with the registry dead it serves until its grants are nearly over, then kills what runs and serves no more', async () => {
  await using stage = await WorkerStage.open(
    { invoke: ({ requestId, payload }) => (requestId === 'hangs' ? 'hang' : { kind: 'response', payload }) },
    { grantsTermMs: TERM_MS },
  );
  const router = await stage.router('one');
  await stage.warm(router, 2);
  const openedMs = stage.clock.monotonicMs();
  await stage.pass(4_100 - openedMs);
  // Renewed at 4 s for the last time.
  stage.registry.stop();
  await stage.pass(4_000 + FENCED_MS - 1_000 - stage.clock.monotonicMs());
  router.invoke('warm');
  assert.equal((await router.result('warm')).outcome, OutcomeKind.OK);
  router.invoke('hangs');
  await stage.pass(1_000);
  await stage.until('it is killed', () => stage.sandboxes.programs.some(program => program.removed));
  assert.equal((await router.result('hangs')).outcome, OutcomeKind.CUT_OFF);
  router.invoke('late');
  assert.equal((await router.refusal('late')).reason, NotStartedReason.LIMIT);
  await stage.pass(30_000);
  router.invoke('later');
  assert.equal((await router.refusal('later')).reason, NotStartedReason.LIMIT);
  // The registry is back: it begins again, from nothing.
  stage.registry.start();
  await stage.pass(3_000);
  assert.equal(stage.granted, 0);
  await stage.raise(1);
  router.invoke('again');
  assert.equal((await router.result('again')).outcome, OutcomeKind.OK);
});

test('while anything runs the keeper is to kill no later than the grants end', async () => {
  const told = { killedMs: 0 };
  const keeper = {
    renew: (untilMs: number) => {
      told.killedMs = untilMs;
    },
  };
  const config = { grantsTermMs: TERM_MS };
  await using stage = await WorkerStage.openSlotless({ invoke: () => 'hang' }, config, { keeper });
  await stage.raise(1);
  const router = await stage.router('one');
  await stage.warm(router);
  assert.ok(told.killedMs >= 60_000);
  await stage.pass(4_100 - stage.clock.monotonicMs());
  router.invoke('r1');
  await stage.pass(0);
  assert.ok(told.killedMs <= 4_000 + 18_800, `${told.killedMs}`);
  // Its run timed out.
  await stage.pass(3_000);
  await router.result('r1');
  await stage.pass(0);
  assert.ok(told.killedMs >= 60_000);
});

test('a worker that the others do not see starts nothing, and goes on with what is warm', async () => {
  let present = true;
  await using stage = await WorkerStage.openSlotless({}, {}, { present: () => present });
  await stage.raise(4);
  const router = await stage.router('one');
  await stage.warm(router);
  present = false;
  stage.start(1);
  await stage.pass(1_100);
  assert.deepEqual([stage.sandboxes.plans.length, stage.reports.at(-1)?.sessionLost], [1, true]);
  router.invoke('r1');
  assert.equal((await router.result('r1')).outcome, OutcomeKind.OK);
});

test('a drained worker leaves no slots and no line behind', async () => {
  await using stage = await WorkerStage.openSlotless({ restless: true });
  await stage.raise(8);
  const router = await stage.router('one');
  await stage.warm(router, 2);
  router.invoke('r1');
  await stage.pass(2);
  const closing = stage.worker[Symbol.asyncDispose]();
  await stage.pass(0);
  assert.equal(stage.granted, 1);
  assert.notEqual(stage.registry.get(fleetKey('worker-1')), undefined);
  for (const program of stage.sandboxes.programs) program.rest();
  await closing;
  assert.equal(stage.granted, 0);
  assert.equal(stage.registry.get(fleetKey('worker-1')), undefined);
});

test('a worker whose grants another one has revoked kills what runs and says that it is over', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { grantsTermMs: TERM_MS });
  const router = await stage.router('one');
  await stage.warm(router, 2);
  router.invoke('r1');
  await stage.pass(0);
  const line = stage.registry.get(fleetKey('worker-1'));
  stage.registry.revokeLease(JSON.parse(Buffer.from(line?.value ?? '').toString()).grantLease);
  await stage.pass(4_000);
  assert.ok(isFailure(await stage.worker.failed, 'worker-id-taken'));
  await stage.until('it is killed', () => stage.sandboxes.programs.some(program => program.removed));
  router.invoke('r2');
  assert.equal((await router.refusal('r2')).reason, NotStartedReason.LIMIT);
});

test('a worker of the same id that lives elsewhere is not replaced', async () => {
  await using first = await WorkerStage.openSlotless();
  await first.raise(8);
  const record = {
    role: 'worker',
    id: 'worker-1',
    incarnation: 'life',
    version: '0',
    place: 'boot/directory',
  };
  const put = { kind: 'put', key: memberKey('worker', 'worker-1'), value: encodeRecord(record) } as const;
  first.registry.transact({ compare: [], write: [put] });
  const copy = WorkerStage.openSlotless({}, {}, { registry: first.registryOf('copy'), place: 'boot/copy' });
  await assert.rejects(copy, error => isFailure(error, 'worker-id-taken'));
  assert.equal(first.granted, 8);
  // Of the same place it can only be dead.
  const registry = first.registryOf('next');
  await using _next = await WorkerStage.openSlotless({}, {}, { registry, place: 'boot/directory' });
  assert.equal(first.granted, 0);
});

test('a worker holds no more than its own bound, whatever placement grants', async () => {
  await using stage = await WorkerStage.openSlotless({}, { slots: 3 });
  await stage.raise(100);
  assert.deepEqual([stage.granted, stage.turns[0]?.granted], [3, 3]);
});

test('a limit that has fallen is not raised to', async () => {
  await using stage = await WorkerStage.openSlotless();
  const value = encodeRecord({ wanted: 2, held: 2 });
  stage.registry.transact({
    compare: [],
    write: [{ kind: 'put', key: limitKey(POOL_LIMIT_ID), value }],
  });
  await stage.raise(16);
  assert.equal(stage.granted, 2);
});

test('a limit that falls binds new starts, though no placement says so', async () => {
  await using stage = await WorkerStage.openSlotless();
  await stage.raise(16);
  const router = await stage.router('one');
  await stage.warm(router, 3);
  const value = encodeRecord({ wanted: 1, held: 1 });
  stage.registry.transact({
    compare: [],
    write: [{ kind: 'put', key: limitKey(POOL_LIMIT_ID), value }],
  });
  await stage.pass(1);
  assert.equal(stage.granted, 1);
});

test('a worker that drains gives back everything, whatever it is told to keep', async () => {
  await using stage = await WorkerStage.openSlotless({ restless: true });
  await stage.raise(4);
  const router = await stage.router('one');
  await stage.warm(router, 3);
  for (const requestId of ['r1', 'r2', 'r3']) router.invoke(requestId);
  await stage.pass(2);
  const closing = stage.worker[Symbol.asyncDispose]();
  await stage.pass(0);
  stage.lower(2);
  await stage.pass(0);
  assert.equal(stage.granted, 3);
  const [last, ...others] = stage.sandboxes.programs;
  for (const program of others) program.rest();
  await stage.pass(200);
  assert.equal(stage.granted, 1);
  last?.rest();
  await closing;
});

test('invocations of a function with a reservation have slots of that, and none of the pool', async () => {
  await using stage = await WorkerStage.openSlotless({ invoke: () => 'hang' });
  await stage.raise(4);
  const router = await stage.router('one');
  await stage.warm(router, 2);
  stage.reserve('function-1', 1);
  await stage.pass(1);
  router.invoke('r1');
  assert.equal((await router.refusal('r1')).reason, NotStartedReason.LIMIT);
  await stage.raise(1, 'function-1');
  router.invoke('r2');
  router.invoke('r3');
  assert.equal((await router.refusal('r3')).reason, NotStartedReason.LIMIT);
  assert.deepEqual([stage.grantedOf('function-1'), pool(stage).used], [1, 0]);
});

test('a router that has heard of the reservation is believed before this worker has', async () => {
  await using stage = await WorkerStage.openSlotless();
  await stage.raise(4);
  const router = await stage.router('one');
  await stage.warm(router, 1);
  router.invoke('r1', { limitId: 'function-1' });
  assert.equal((await router.refusal('r1')).reason, NotStartedReason.LIMIT);
  router.invoke('r2', { limitId: POOL_LIMIT_ID });
  assert.equal((await router.result('r2')).outcome, OutcomeKind.OK);
});

test('a slot stays of the limit it was taken from, and those of one that is gone are given back', async () => {
  await using stage = await WorkerStage.openSlotless({ restless: true });
  stage.reserve('function-1', 3);
  await stage.raise(3, 'function-1');
  await stage.raise(1);
  const router = await stage.router('one');
  await stage.warm(router, 2);
  router.invoke('r1');
  await stage.pass(2);
  stage.registry.transact({
    compare: [],
    write: [{ kind: 'put', key: limitKey('function-1'), value: encodeRecord({ wanted: 0, held: 3 }) }],
  });
  await stage.pass(300);
  assert.equal(stage.grantedOf('function-1'), 1, 'it is in use');
  assert.equal(pool(stage).used, 0);
  stage.sandboxes.programs[0]?.rest();
  stage.sandboxes.programs[1]?.rest();
  await stage.pass(300);
  assert.equal(stage.grantedOf('function-1'), 0);
  stage.reserve('function-1', undefined);
  await stage.pass(200);
  assert.deepEqual(
    stage.reports.at(-1)?.limits.map(({ limitId }) => limitId),
    [POOL_LIMIT_ID],
  );
});
