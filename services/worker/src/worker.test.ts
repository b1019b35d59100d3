import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InvocationKind, NotStartedReason, OutcomeKind } from '@lambent/contracts';
import { encodeRecord, limitKey, POOL_LIMIT_ID } from '@lambent/membership';
import { InitFailure } from '@lambent/runtimes';
import { WorkerStage } from './worker-stage.ts';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

test('an environment started on advice is told of to every router and serves an invocation', async () => {
  await using stage = await WorkerStage.open();
  const one = await stage.router('one');
  const two = await stage.router('two');
  await stage.warm(one);
  assert.equal(two.vacancy, 1);
  one.invoke('r1');
  const result = await one.result('r1');
  assert.equal(result.outcome, OutcomeKind.OK);
  assert.equal(text(result.payload), '"event"');
  assert.equal(result.vacancy?.idle, 1);
});

test('a welcome names the worker and its life, and a late router is told what is idle', async () => {
  await using stage = await WorkerStage.open();
  await stage.warm(await stage.router('one'));
  const late = await stage.router('late');
  assert.equal(late.all('welcome')[0]?.workerId, 'worker-1');
  assert.match(late.all('welcome')[0]?.incarnation ?? '', /^[\da-f-]{36}$/);
  assert.equal(late.vacancy, 1);
});

test('who is refused is remembered and offered what becomes free, synchronous callers first', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' });
  const [busy, late, sync] = [
    await stage.router('busy'),
    await stage.router('late'),
    await stage.router('sync'),
  ];
  await stage.warm(busy);
  busy.invoke('r1');
  late.invoke('r2', { kind: InvocationKind.ASYNC });
  sync.invoke('r3');
  assert.equal((await late.refusal('r2')).reason, NotStartedReason.BUSY);
  await sync.refusal('r3');
  stage.sandboxes.play({});
  stage.start(1);
  await stage.until('the offer', () => sync.all('offer').length > 0);
  assert.equal(late.all('offer').length, 0);
  // Kept for the one it was offered to: nobody else gets it meanwhile.
  busy.invoke('r4');
  assert.equal((await busy.refusal('r4')).reason, NotStartedReason.BUSY);
  sync.invoke('r3');
  assert.equal((await sync.result('r3')).outcome, OutcomeKind.OK);
  // Two more were refused: the synchronous one is next, though it came last.
  await stage.until('the next offer', () => busy.all('offer').length > 0);
  await stage.pass(50);
  assert.equal(late.all('offer').length, 1);
});

test('an offer that is not taken passes on after 50 ms, and then to all', async () => {
  await using stage = await WorkerStage.open();
  const [one, two] = [await stage.router('one'), await stage.router('two')];
  one.invoke('r1');
  two.invoke('r2');
  await two.refusal('r2');
  stage.start(1);
  await stage.until('the first offer', () => one.all('offer').length > 0);
  await stage.clock.advance(50);
  assert.equal(two.all('offer').length, 1);
  assert.equal(one.vacancy, 0);
  await stage.clock.advance(60);
  assert.equal(one.vacancy, 1);
  assert.equal(two.vacancy, 1);
});

test('no more invocations are in flight than there are slots', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { slots: 1 });
  const router = await stage.router('one');
  await stage.warm(router);
  stage.start(1);
  await stage.until('a second one', () => stage.idle === 2);
  router.invoke('r1');
  router.invoke('r2');
  assert.equal((await router.refusal('r2')).reason, NotStartedReason.LIMIT);
});

test('a slot whose offer nobody takes is told of for every environment that lacked one', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { slots: 1 });
  const router = await stage.router('one');
  const [busy, one, two] = [stage.other('busy'), stage.other('one'), stage.other('two')];
  for (const [already, other] of [busy, one, two].entries()) {
    stage.start(1, other);
    await stage.until('it is idle', () => stage.idle > already);
  }
  router.invoke('r0', { key: busy.key });
  router.invoke('r1', { key: one.key });
  router.invoke('r2', { key: two.key });
  for (const id of ['r1', 'r2']) assert.equal((await router.refusal(id)).reason, NotStartedReason.LIMIT);
  await stage.pass(4_000);
  assert.deepEqual(
    router.all('offer').map(({ key }) => key?.functionId),
    ['one', 'two'],
  );
  const late = await stage.router('late');
  await stage.pass(0);
  const told = late.all('vacancies').flatMap(({ vacancies }) => vacancies);
  assert.deepEqual(
    told.map(({ key, idle }) => [key?.functionId, idle]),
    [
      ['one', 1],
      ['two', 1],
    ],
  );
});

test('environments that nobody was refused do not hide each other when a slot is free', async () => {
  await using stage = await WorkerStage.openSlotless({ invoke: () => 'hang' });
  const value = encodeRecord({ wanted: 1, held: 1 });
  const put = { kind: 'put', key: limitKey(POOL_LIMIT_ID), value } as const;
  stage.registry.transact({ compare: [], write: [put] });
  await stage.raise(1);
  const router = await stage.router('one');
  const busy = stage.other('busy');
  stage.start(1, busy);
  await stage.until('it is idle', () => stage.idle > 0);
  router.invoke('r0', { key: busy.key });
  stage.start(1, stage.other('one'));
  stage.start(1, stage.other('two'));
  await stage.until('both are idle', () => stage.idle > 1);
  await stage.pass(4_000);
  const told = router.all('vacancies').flatMap(({ vacancies }) => vacancies);
  for (const id of ['one', 'two'])
    assert.equal(told.findLast(({ key }) => key?.functionId === id)?.idle, 1, id);
});

test('a slot is held after a timeout until the process is reaped', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { slots: 1 });
  const router = await stage.router('one');
  stage.start(2);
  await stage.until('two idle ones', () => stage.idle === 2);
  await stage.clock.advance(10);
  stage.sandboxes.holdReaping = true;
  router.invoke('r1');
  await stage.clock.advance(3_000);
  assert.equal((await router.result('r1')).outcome, OutcomeKind.TIMEOUT);
  router.invoke('r2');
  assert.equal((await router.refusal('r2')).reason, NotStartedReason.LIMIT);
  stage.sandboxes.holdReaping = false;
  for (const program of stage.sandboxes.programs) if (program.events.length > 0) program.reap();
  await stage.until('the reaping', () => stage.sandboxes.programs.some(program => program.removed));
  stage.sandboxes.play({});
  router.invoke('r3');
  await stage.until('r3 runs', () =>
    stage.sandboxes.programs.some(program => program.events.length === 1 && !program.removed),
  );
});

test('the same request id is never run twice for the same attempt', async () => {
  await using stage = await WorkerStage.open();
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  await router.result('r1');
  router.invoke('r1');
  await stage.until('the kept result', () => router.all('result').length === 2);
  assert.equal(stage.sandboxes.programs[0]?.events.length, 1);
  router.invoke('r1', { attempt: 2 });
  await stage.until('the second attempt', () => router.all('result').length === 3);
  assert.equal(stage.sandboxes.programs[0]?.events.length, 2);
});

test('an attempt that a second router asks for while it runs is answered to both', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' });
  const [one, two] = [await stage.router('one'), await stage.router('two')];
  await stage.warm(one, 2);
  one.invoke('r1');
  two.invoke('r1');
  await stage.pass(3_000);
  for (const router of [one, two]) assert.equal((await router.result('r1')).outcome, OutcomeKind.TIMEOUT);
  const runs = stage.sandboxes.programs.flatMap(program => program.events);
  assert.equal(runs.length, 1);
});

test('a router that comes back is told what runs, what was never seen, and given kept results', async () => {
  await using stage = await WorkerStage.open({
    invoke: event => (event.requestId === 'slow' ? 'hang' : { kind: 'response', payload: event.payload }),
  });
  const first = await stage.router('one');
  await stage.warm(first, 2);
  first.invoke('done');
  await first.result('done');
  first.invoke('slow');
  await stage.until('it runs', () =>
    stage.sandboxes.programs.some(program => program.events.some(event => event.requestId === 'slow')),
  );
  const again = await stage.router('one');
  assert.equal(first.closed, true);
  first.invoke('ghost');
  again.say({ case: 'query', value: { requestIds: ['done', 'slow', 'ghost'] } });
  await again.result('done');
  assert.deepEqual(
    again.all('standing').map(({ running, neverSeen }) => ({ running, neverSeen })),
    [{ running: ['slow'], neverSeen: ['ghost'] }],
  );
  await stage.clock.advance(3_000);
  assert.equal((await again.result('slow')).outcome, OutcomeKind.TIMEOUT);
});

test('an older revision is stale once a newer one was asked for, and its environments retire', async () => {
  await using stage = await WorkerStage.open();
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('new', stage.revised(8n));
  assert.equal((await router.refusal('new')).reason, NotStartedReason.BUSY);
  await stage.until('the old one is gone', () => stage.sandboxes.programs[0]?.removed === true);
  router.invoke('old');
  assert.equal((await router.refusal('old')).reason, NotStartedReason.STALE);
  stage.start(1);
  stage.start(1, stage.revised(8n));
  await stage.until('the new one', () => stage.idle === 1);
  assert.equal(stage.sandboxes.plans.length, 2);
});

test('a busy environment of an older revision finishes, then retires', async () => {
  await using stage = await WorkerStage.open({ restless: true });
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  await stage.pass(2);
  await router.result('r1');
  router.invoke('new', stage.revised(8n));
  await router.refusal('new');
  assert.equal(stage.sandboxes.programs[0]?.removed, false);
  stage.sandboxes.programs[0]?.rest();
  await stage.until('it is gone', () => stage.sandboxes.programs[0]?.removed === true);
});

test('for want of memory the longest idle of another function goes first', async () => {
  await using stage = await WorkerStage.open({}, { memoryMb: 512 });
  const router = await stage.router('one');
  await stage.warm(router, 2);
  router.invoke('r1');
  await router.result('r1');
  stage.start(1, stage.other('function-2'));
  await stage.until('the other function', () => stage.sandboxes.plans.length === 3);
  assert.deepEqual(
    stage.sandboxes.programs.map(program => program.removed),
    [true, false, false],
  );
});

test('environments of a deleted function end, a busy one after what it runs', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' });
  const router = await stage.router('one');
  await stage.warm(router, 2);
  router.invoke('r1');
  await stage.pass(2);
  router.say({ case: 'retire', value: { functionId: stage.spec.key?.functionId ?? '' } });
  const gone = () => stage.sandboxes.programs.filter(program => program.removed).length;
  await stage.until('the idle one is gone', () => gone() === 1);
  stage.sandboxes.programs.find(program => !program.removed)?.kill();
  await stage.until('the busy one is gone', () => gone() === 2);
});

test('memory of idle environments is reported as room, that of busy ones is not', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { memoryMb: 512 });
  const router = await stage.router('one');
  await stage.warm(router, 2);
  router.invoke('r1');
  await stage.clock.advance(200);
  assert.equal(stage.reports.at(-1)?.memoryMbFree, 256n);
});

test('a start is refused when there is no memory and nothing idle to end', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { memoryMb: 256 });
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  stage.start(1, stage.other('function-2'));
  await stage.clock.advance(1_000);
  assert.equal(stage.sandboxes.plans.length, 1);
});

test('an idle environment ends after its keep-alive', async () => {
  await using stage = await WorkerStage.open({}, { keepAliveMs: 5_000 });
  const router = await stage.router('one');
  await stage.warm(router);
  await stage.pass(4_000);
  router.invoke('r1');
  await router.result('r1');
  await stage.pass(4_000);
  assert.equal(stage.sandboxes.programs[0]?.removed, false);
  await stage.pass(2_100);
  assert.equal(stage.sandboxes.programs[0]?.removed, true);
  await stage.pass(10);
  assert.equal(router.vacancy, 0);
});

test('an idle environment whose process ends is gone, and every router knows', async () => {
  await using stage = await WorkerStage.open();
  const router = await stage.router('one');
  await stage.warm(router);
  stage.sandboxes.programs[0]?.exit({ status: 1, outOfMemory: false });
  await stage.until('it is removed', () => stage.sandboxes.programs[0]?.removed === true);
  await stage.clock.advance(10);
  assert.equal(router.vacancy, 0);
});

test('a failed init is repeated inside the invocation the environment was started for', async () => {
  const broken = new InitFailure(
    'Runtime.ImportModuleError',
    Buffer.from('{"errorType":"Runtime.ImportModuleError"}'),
  );
  await using stage = await WorkerStage.open({ init: broken });
  const router = await stage.router('one');
  stage.start(1);
  await stage.until('the first process is gone', () => stage.sandboxes.programs[0]?.removed === true);
  await stage.clock.advance(10);
  assert.equal(router.vacancy, 1);
  router.invoke('r1');
  const result = await router.result('r1');
  assert.equal(result.outcome, OutcomeKind.UNHANDLED);
  assert.equal(result.errorType, 'Runtime.ImportModuleError');
  assert.equal(text(result.payload), '{"errorType":"Runtime.ImportModuleError"}');
  assert.equal(stage.sandboxes.programs.length, 2);
  const reports = stage.logs.records.filter(record => record.startsWith('INIT_REPORT'));
  assert.match(reports[0] ?? '', /Phase: init\tStatus: error\tError Type: Runtime\.ImportModuleError/);
  assert.match(reports[1] ?? '', /Phase: invoke\tStatus: error/);
});

test('an init over 10 s is given the time of the function', async () => {
  await using stage = await WorkerStage.open({ init: 'hang' });
  const router = await stage.router('one');
  stage.start(1);
  await stage.until('the process', () => stage.sandboxes.programs[0]?.cpu.length === 1);
  await stage.pass(10_000);
  await stage.pass(10);
  assert.equal(router.vacancy, 1);
  stage.sandboxes.play({});
  router.invoke('r1');
  assert.equal((await router.result('r1')).outcome, OutcomeKind.OK);
});

test('a version whose inits fail is started again only after a while', async () => {
  await using stage = await WorkerStage.open({ init: { status: 1, outOfMemory: false } });
  await stage.router('one');
  stage.start(1);
  await stage.until('its end', () => stage.sandboxes.programs[0]?.removed === true);
  stage.start(1);
  await stage.clock.advance(500);
  assert.equal(stage.sandboxes.programs.length, 1);
  await stage.clock.advance(600);
  stage.start(1);
  await stage.until('the next start', () => stage.sandboxes.programs.length === 2);
});

test('a platform that cannot start an environment refuses what it had taken', async () => {
  await using stage = await WorkerStage.open({ init: 'hang' });
  const router = await stage.router('one');
  stage.start(1);
  await stage.until('the process', () => stage.sandboxes.programs[0]?.cpu.length === 1);
  await stage.pass(10_000);
  await stage.pass(10);
  assert.equal(router.vacancy, 1);
  stage.sandboxes.broken = true;
  router.invoke('r1');
  assert.equal((await router.refusal('r1')).reason, NotStartedReason.BUSY);
  router.say({ case: 'query', value: { requestIds: ['r1'] } });
  await stage.until('the standing', () => router.all('standing').length === 1);
  assert.deepEqual(router.all('standing')[0]?.neverSeen, ['r1']);
});

test('a draining worker refuses new invocations, lets running ones finish and leaves nothing', async () => {
  await using stage = await WorkerStage.open({ restless: true });
  const router = await stage.router('one');
  await stage.warm(router, 2);
  router.invoke('r1');
  await stage.pass(0);
  const closing = stage.worker[Symbol.asyncDispose]();
  await stage.until('the word', () => router.all('draining').length === 1);
  router.invoke('r2');
  assert.equal((await router.refusal('r2')).reason, NotStartedReason.DRAINING);
  await stage.pass(2);
  await router.result('r1');
  await stage.until('the idle one is gone', () => stage.sandboxes.programs.some(program => program.removed));
  for (const program of stage.sandboxes.programs) program.rest();
  await closing;
  assert.ok(stage.sandboxes.programs.every(program => program.removed));
  assert.equal(router.closed, true);
});

test('a drain ends what still runs when its time has passed', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { drainTimeoutMs: 500 });
  const router = await stage.router('one');
  await stage.warm(router);
  router.invoke('r1');
  await stage.pass(0);
  const closing = stage.worker[Symbol.asyncDispose]();
  await stage.pass(500);
  await closing;
  assert.equal((await router.result('r1')).outcome, OutcomeKind.CUT_OFF);
});

test('placement is told what is held, at most every 100 ms', async () => {
  await using stage = await WorkerStage.open();
  const router = await stage.router('one');
  await stage.warm(router);
  await stage.clock.advance(100);
  const before = stage.reports.length;
  const report = stage.reports.at(-1);
  assert.deepEqual(report?.runtimes, ['nodejs24.x']);
  assert.equal(report?.holdings[0]?.idle, 1);
  // An idle environment goes for whoever needs its memory, so that counts as free.
  assert.equal(report?.memoryMbFree, 1_024n);
  assert.deepEqual([report?.limits[0]?.granted, report?.limits[0]?.used], [1_000, 0]);
  assert.equal(report?.codeCached.length, 1);
  for (let call = 0; call < 20; call += 1) {
    router.invoke(`r${call}`);
    await router.result(`r${call}`);
  }
  await stage.clock.advance(99);
  assert.ok(stage.reports.length <= before + 1);
});

test('a worker at its own bound tells placement of no memory that a start could use', async () => {
  await using stage = await WorkerStage.open({ invoke: () => 'hang' }, { slots: 1 });
  const router = await stage.router('one');
  await stage.warm(router);
  await stage.clock.advance(100);
  assert.notEqual(stage.reports.at(-1)?.memoryMbFree, 0n);
  router.invoke('r1');
  await stage.clock.advance(100);
  assert.equal(stage.reports.at(-1)?.memoryMbFree, 0n);
});

test('a stream that is silent for five heartbeats is closed, one that beats is not', async () => {
  await using stage = await WorkerStage.open();
  const [silent, alive] = [await stage.router('silent'), await stage.router('alive')];
  for (let second = 0; second < 6; second += 1) {
    alive.say({ case: 'heartbeat', value: {} });
    await stage.clock.advance(1_000);
  }
  assert.equal(silent.closed, true);
  assert.equal(alive.closed, false);
  assert.ok(alive.all('heartbeat').length >= 5);
});
