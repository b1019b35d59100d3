import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NeedVerdict, NotStartedReason } from '@lambent/contracts';
import { isFailure } from '@lambent/core';
import { byRendezvous, Limits, limitKey, POOL_LIMIT_ID } from '@lambent/membership';
import { openStage, SPEC } from './router-stage.ts';

test('an invocation goes to the worker with most idle environments and comes back with its outcome', async () => {
  await using stage = await openStage(['w-1', 'w-2']);
  stage.worker('w-1').vacancies(1);
  stage.worker('w-2').vacancies(4);
  await stage.settle();
  const completion = stage.invoke('a');
  await stage.settle();
  stage.worker('w-2').answer('a', 'hi');
  const { outcome } = await completion;
  assert.equal(outcome.kind, 'ok');
  assert.equal(Buffer.from(outcome.payload).toString(), 'hi');
  assert.deepEqual(stage.worker('w-1').invoked, []);
  assert.equal(stage.needs.length, 0);
});

test('a refused invocation tries at most two more workers, then waits and tells placement', async () => {
  await using stage = await openStage(['w-1', 'w-2', 'w-3', 'w-4']);
  for (const id of ['w-1', 'w-2', 'w-3', 'w-4']) stage.worker(id).vacancies(1);
  await stage.settle();
  void stage.invoke('a').catch(() => undefined);
  for (let bounce = 0; bounce < 3; bounce++) {
    await stage.settle();
    stage.workerOf('a').refuse('a', NotStartedReason.BUSY);
  }
  await stage.settle();
  assert.equal(stage.needs.length, 1);
  assert.equal(stage.needs[0]?.waiting, 1);
});

test('a waiting invocation goes to whichever comes first: an offer or a vacancy', async () => {
  await using stage = await openStage(['w-1']);
  const offered = stage.invoke('a');
  const vacant = stage.invoke('b');
  await stage.settle();
  stage.worker('w-1').offer();
  await stage.settle();
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, ['a', 'b']);
  stage.worker('w-1').answer('a', '1');
  stage.worker('w-1').answer('b', '2');
  await Promise.all([offered, vacant]);
});

test('while somebody waits the need is repeated, and no longer', async () => {
  await using stage = await openStage(['w-1']);
  const waiting = stage.invoke('a');
  await stage.clock.advance(1_000);
  assert.equal(stage.needs.length, 5);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  stage.worker('w-1').answer('a', '1');
  await waiting;
  await stage.clock.advance(1_000);
  assert.equal(stage.needs.length, 5);
});

test('what is to be prepared is asked for until it is there, and no longer', async () => {
  await using stage = await openStage(['w-1']);
  stage.router.prepare(SPEC);
  await stage.clock.advance(600);
  assert.deepEqual(
    stage.needs.map(({ waiting }) => waiting),
    [1, 1, 1],
  );
  stage.worker('w-1').vacancies(1);
  await stage.clock.advance(1_000);
  assert.equal(stage.needs.length, 3);
  stage.router.prepare(SPEC);
  await stage.clock.advance(1_000);
  assert.equal(stage.needs.length, 3);
});

test('preparing ends after half a minute, and at the first refusal, which is nobody else’s', async () => {
  await using stage = await openStage(['w-1']);
  stage.router.prepare(SPEC);
  await stage.clock.advance(31_000);
  const asked = stage.needs.length;
  await stage.clock.advance(10_000);
  assert.equal(stage.needs.length, asked);
  stage.verdict = { verdict: NeedVerdict.LIMIT, starting: 0 };
  stage.router.prepare(SPEC);
  await stage.clock.advance(1_000);
  assert.equal(stage.needs.length, asked + 1);
  stage.verdict = { verdict: NeedVerdict.STARTING, starting: 1 };
  const completion = stage.invoke('a');
  await stage.settle();
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  stage.worker('w-1').answer('a', 'hi');
  assert.equal((await completion).outcome.kind, 'ok');
});

test('a burst is told of as soon as placement has answered, not a quarter of a second later', async () => {
  await using stage = await openStage(['w-1']);
  for (const id of ['a', 'b', 'c', 'd']) void stage.invoke(id).catch(() => undefined);
  await stage.settle();
  assert.deepEqual(
    stage.needs.map(need => need.waiting),
    [1, 4],
  );
});

test('at the limit all are refused at once but those for whom an environment starts', async () => {
  await using stage = await openStage(['w-1']);
  stage.verdict = { verdict: NeedVerdict.LIMIT, starting: 1 };
  const first = stage.invoke('a');
  const second = assert.rejects(stage.invoke('b'), error => isFailure(error, 'limit-reached'));
  await stage.clock.advance(300);
  await second;
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  stage.worker('w-1').answer('a', '1');
  await first;
});

test('of a function that grows too fast those are refused for whom nothing starts', async () => {
  await using stage = await openStage(['w-1']);
  stage.verdict = { verdict: NeedVerdict.RATE, starting: 1 };
  const first = stage.invoke('a');
  const second = assert.rejects(stage.invoke('b'), error => isFailure(error, 'scaling-too-fast'));
  await stage.settle();
  await second;
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  stage.worker('w-1').answer('a', '1');
  await first;
});

test('past a limit who comes next is refused without a question, until reports may tell otherwise', async () => {
  await using stage = await openStage(['w-1']);
  stage.verdict = { verdict: NeedVerdict.LIMIT, starting: 0 };
  const refused = (id: string) =>
    Promise.all([
      assert.rejects(stage.invoke(id), error => isFailure(error, 'limit-reached')),
      stage.settle(),
    ]);
  for (const id of ['a', 'b', 'c', 'd']) await refused(id);
  assert.equal(stage.needs.length, 1);
  assert.equal(stage.router.waiting, 0);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const warm = stage.invoke('e');
  await stage.settle();
  stage.worker('w-1').answer('e', '1');
  await warm;
  await stage.clock.advance(100);
  await refused('f');
  assert.equal(stage.needs.length, 2);
});

test('who waits for a configuration that placement calls stale is told at once', async () => {
  await using stage = await openStage(['w-1']);
  const waiting = stage.invoke('a');
  await stage.settle();
  stage.verdict = { verdict: NeedVerdict.STALE, starting: 0 };
  const stale = assert.rejects(waiting, error => isFailure(error, 'configuration-stale'));
  await stage.clock.advance(300);
  await stale;
  assert.equal(stage.router.waiting, 0);
});

test('who waits too long is told whether placement answered', async () => {
  await using stage = await openStage(['w-1']);
  const starving = stage.invoke('a');
  await Promise.all([
    assert.rejects(starving, error => isFailure(error, 'no-capacity')),
    stage.clock.advance(10_000),
  ]);
  await stage.stopPlacement();
  const orphan = stage.invoke('b');
  await Promise.all([
    assert.rejects(orphan, error => isFailure(error, 'no-placement')),
    stage.clock.advance(10_000),
  ]);
});

test('the queue is bounded', async () => {
  await using stage = await openStage(['w-1'], { queueMax: 2 });
  void stage.invoke('a').catch(() => undefined);
  void stage.invoke('b').catch(() => undefined);
  await assert.rejects(stage.invoke('c'), error => isFailure(error, 'queue-full'));
});

test('a caller who gives up leaves the queue', async () => {
  await using stage = await openStage(['w-1']);
  const caller = new AbortController();
  const abandoned = stage.invoke('a', { signal: caller.signal });
  await stage.settle();
  caller.abort();
  await assert.rejects(abandoned, error => isFailure(error, 'no-capacity'));
  assert.equal(stage.router.waiting, 0);
});

test('a stale configuration is the caller’s to resolve anew', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const stale = stage.invoke('a');
  await stage.settle();
  stage.worker('w-1').refuse('a', NotStartedReason.STALE);
  await assert.rejects(stale, error => isFailure(error, 'configuration-stale'));
});

test('who is called and refused again and again waits no longer than anybody', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').beating = true;
  const starving = assert.rejects(stage.invoke('a'), error => isFailure(error, 'no-capacity'));
  await stage.settle();
  for (let elapsedMs = 500; elapsedMs < 10_000; elapsedMs += 500) {
    await stage.clock.advance(500);
    stage.worker('w-1').vacancies(1);
    await stage.settle();
    stage.worker('w-1').refuse('a', NotStartedReason.LIMIT);
    await stage.settle();
  }
  assert.equal(Math.max(...stage.needs.map(need => need.waitedMs)), 9_500);
  await stage.clock.advance(500);
  await starving;
  assert.equal(stage.router.waiting, 0);
});

test('who is refused when its time is up does not wait again', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').beating = true;
  const starving = assert.rejects(stage.invoke('a'), error => isFailure(error, 'no-capacity'));
  await stage.clock.advance(9_000);
  stage.worker('w-1').vacancies(1);
  await stage.clock.advance(2_000);
  stage.worker('w-1').refuse('a', NotStartedReason.LIMIT);
  await stage.settle();
  await starving;
});

test('who is called and refused keeps its place, though the room is full by then', async () => {
  await using stage = await openStage(['w-1'], { queueMax: 2 });
  const served = [stage.invoke('a'), stage.invoke('b')];
  await stage.settle();
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  served.push(stage.invoke('c'));
  stage.worker('w-1').refuse('a', NotStartedReason.LIMIT);
  await stage.settle();
  await assert.rejects(stage.invoke('d'), error => isFailure(error, 'queue-full'));
  stage.worker('w-1').vacancies(3);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, ['a', 'a', 'b', 'c']);
  for (const id of ['a', 'b', 'c']) stage.worker('w-1').answer(id, '1');
  await Promise.all(served);
});

test('after a broken stream what the same life never saw is sent again, and what runs is waited for', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(2);
  await stage.settle();
  const lost = stage.invoke('a');
  const running = stage.invoke('b');
  await stage.settle();
  stage.worker('w-1').breakStream();
  await stage.clock.advance(1_100);
  assert.deepEqual(stage.worker('w-1').queried.sort(), ['a', 'b']);
  stage.worker('w-1').standing({ running: ['b'], neverSeen: ['a'] });
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, ['a', 'b', 'a']);
  stage.worker('w-1').answer('a', '1');
  stage.worker('w-1').answer('b', '2');
  await Promise.all([lost, running]);
});

test('after a restart of the worker the outcome of what it had is unknown', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const lost = stage.invoke('a');
  const unknown = assert.rejects(lost, error => isFailure(error, 'outcome-unknown'));
  await stage.settle();
  stage.worker('w-1').incarnation = 'second';
  stage.worker('w-1').breakStream();
  await stage.clock.advance(1_100);
  await unknown;
});

test('an answer that never comes is an unknown outcome once the function’s own time is long over', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const silent = assert.rejects(stage.invoke('a'), error => isFailure(error, 'outcome-unknown'));
  stage.worker('w-1').beating = true;
  await stage.clock.advance(30_000);
  await silent;
});

test('a worker that misses two heartbeats gets nothing new, and after five its stream is opened again', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(3);
  await stage.clock.advance(3_100);
  void stage.invoke('a').catch(() => undefined);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, []);
  assert.equal(stage.worker('w-1').streams, 1);
  await stage.clock.advance(5_000);
  assert.equal(stage.worker('w-1').streams, 2);
});

test('a router that gives up tells those who wait that nothing started, and the others that nobody knows', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  const out = assert.rejects(stage.invoke('a'), error => isFailure(error, 'outcome-unknown'));
  const waiting = assert.rejects(stage.invoke('b'), error => isFailure(error, 'draining'));
  await stage.settle();
  stage.router.abandon();
  await Promise.all([out, waiting]);
  assert.equal(stage.clock.pendingTimers, 0);
});

test('a draining worker gets nothing new', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  stage.worker('w-1').say({ case: 'draining', value: {} });
  await stage.settle();
  void stage.invoke('a').catch(() => undefined);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').invoked, []);
});

test('a need says which limit it is of, and for how long somebody has waited', async () => {
  await using stage = await openStage(['w-1']);
  void stage.invoke('a').catch(() => undefined);
  await stage.clock.advance(100);
  void stage.invoke('b').catch(() => undefined);
  await stage.clock.advance(250);
  assert.deepEqual(
    stage.needs.map(({ limitId, waiting, waitedMs }) => ({ limitId, waiting, waitedMs })),
    [
      { limitId: POOL_LIMIT_ID, waiting: 1, waitedMs: 0 },
      { limitId: POOL_LIMIT_ID, waiting: 2, waitedMs: 100 },
      { limitId: POOL_LIMIT_ID, waiting: 2, waitedMs: 350 },
    ],
  );
});

test('a need goes to the replica responsible for the limit, and at once to the next when that one is gone', async () => {
  const [first = '', second = ''] = byRendezvous(POOL_LIMIT_ID, ['p-1', 'p-2']);
  await using stage = await openStage(['w-1'], { placements: ['p-1', 'p-2'] });
  void stage.invoke('a').catch(() => undefined);
  await stage.settle();
  await stage.stopPlacement(first);
  await stage.clock.advance(250);
  assert.deepEqual(
    stage.needs.map(({ by }) => by),
    [first, second],
  );
});

test('a replica that is frozen costs less than a second, and the next needs nothing', async () => {
  const [first = '', second = ''] = byRendezvous(POOL_LIMIT_ID, ['p-1', 'p-2']);
  await using stage = await openStage(['w-1'], { placements: ['p-1', 'p-2'] });
  stage.freeze(first);
  void stage.invoke('a').catch(() => undefined);
  await stage.clock.advance(500);
  assert.deepEqual(
    stage.needs.map(({ by }) => by),
    [second, second],
  );
  stage.thaw(first);
  await stage.clock.advance(3_000);
  assert.equal(stage.needs.at(-1)?.by, first);
});

test('for want of a slot an invocation waits and placement is told; that worker is not asked again by itself', async () => {
  await using stage = await openStage(['w-1', 'w-2']);
  stage.worker('w-1').vacancies(5);
  await stage.settle();
  const waiting = stage.invoke('a');
  await stage.settle();
  stage.worker('w-1').refuse('a', NotStartedReason.LIMIT, 4);
  await stage.settle();
  assert.deepEqual([stage.worker('w-1').invoked, stage.router.waiting, stage.needs.length], [['a'], 1, 1]);
  stage.worker('w-1').offer();
  await stage.settle();
  stage.worker('w-1').answer('a', '1');
  await waiting;
});

test('after giving up a router takes nothing more and asks for nothing more', async () => {
  const stage = await openStage(['w-1']);
  const waiting = assert.rejects(stage.invoke('a'), error => isFailure(error, 'draining'));
  stage.router.abandon();
  await waiting;
  await assert.rejects(stage.invoke('b'), error => isFailure(error, 'draining'));
  await stage.clock.advance(1_000);
  assert.equal(stage.needs.length, 1);
  assert.equal(stage.clock.pendingTimers, 0);
});

const reserved = (slots: number) =>
  new Limits(new Map([[limitKey('f-1'), { wanted: slots, held: slots, reserved: slots }]]));

test('a function of which nothing is reserved is refused at once, and nobody is asked', async () => {
  await using stage = await openStage(['w-1']);
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  stage.router.setLimits(reserved(0));
  await assert.rejects(
    stage.invoke('a'),
    error => isFailure(error, 'limit-reached') && error.fields['limit'] === 'reserved',
  );
  assert.deepEqual([stage.needs.length, stage.worker('w-1').invoked.length], [0, 0]);
  stage.router.setLimits(new Limits());
  const answer = stage.invoke('b');
  await stage.settle();
  stage.worker('w-1').answer('b', '1');
  await answer;
});

test('workers and placement are told of the reservation that an invocation counts against', async () => {
  await using stage = await openStage(['w-1']);
  stage.router.setLimits(reserved(1));
  stage.verdict = { verdict: NeedVerdict.LIMIT, starting: 0 };
  const refused = assert.rejects(
    stage.invoke('a'),
    error => isFailure(error, 'limit-reached') && error.fields['limit'] === 'reserved',
  );
  await stage.settle();
  await refused;
  assert.equal(stage.needs[0]?.limitId, 'f-1');
  stage.worker('w-1').vacancies(1);
  await stage.settle();
  void stage.invoke('b').catch(() => undefined);
  await stage.settle();
  assert.deepEqual(stage.worker('w-1').limitIds, ['f-1']);
});
