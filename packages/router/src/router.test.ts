import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import {
  type ConnectRequest,
  type ConnectResponse,
  ConnectResponseSchema,
  type EnvironmentKey,
  EnvironmentSpecSchema,
  InvocationKind,
  type Invoke,
  NeedResponseSchema,
  NeedVerdict,
  NotStartedReason,
  OutcomeKind,
} from '@lambent/contracts';
import { isFailure, SeededRandom, SimulatedClock } from '@lambent/core';
import { DirectWire, EmbeddedNetwork, type Stream } from '@lambent/link';
import type { Invocation } from './invoker.ts';
import { Placements } from './placements.ts';
import { Router } from './router.ts';

const SPEC = create(EnvironmentSpecSchema, {
  key: { functionId: 'f-1', version: '$LATEST', revision: 3n, tenantId: '' },
  functionName: 'hello',
  runtime: 'nodejs24.x',
  timeoutMs: 3_000,
});
const KEY = SPEC.key as EnvironmentKey;

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

/** A router between hand-made workers and a hand-made placement, on simulated time. */
async function openStage(workerIds: readonly string[], options: { queueMax?: number } = {}) {
  const clock = new SimulatedClock();
  const network = new EmbeddedNetwork({ wire: new DirectWire({ clock }) });
  const needs: { waiting: number }[] = [];
  const stage: { verdict: { verdict: NeedVerdict; starting: number } } = {
    verdict: { verdict: NeedVerdict.STARTING, starting: 0 },
  };
  const placement = await network.member('placement').servePlacement('placement', {
    need: async request => {
      needs.push({ waiting: request.waiting });
      return create(NeedResponseSchema, stage.verdict);
    },
    enlist: () => ({ message: () => undefined, closed: () => undefined }),
  });
  const workers = new Map<string, ScriptedWorker>();
  for (const id of workerIds) {
    const worker = new ScriptedWorker(id);
    workers.set(id, worker);
    await network.member(id).serveWorker(id, stream => worker.accept(stream));
  }
  const router = new Router({
    routerId: 'r-1',
    link: network.member('router'),
    placements: new Placements({ clock, addresses: ['placement'] }),
    clock,
    random: new SeededRandom(1),
    queueMax: options.queueMax ?? 100,
    queueWaitMs: 10_000,
  });
  router.setFleet(workerIds.map(workerId => ({ workerId, address: workerId })));
  await clock.advance(0);
  const invoke = (requestId: string, more: Partial<Invocation> = {}) =>
    router.invoke({
      requestId,
      spec: SPEC,
      payload: Buffer.from('{}'),
      invokedArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello',
      kind: InvocationKind.SYNC,
      attempt: 1,
      logTail: false,
      ...more,
    });
  return Object.assign(stage, {
    clock,
    router,
    needs,
    invoke,
    settle: () => clock.advance(0),
    stopPlacement: () => placement[Symbol.asyncDispose](),
    worker: (id: string) => workers.get(id) as ScriptedWorker,
    workerOf: (requestId: string) =>
      [...workers.values()].find(worker => worker.holds(requestId)) as ScriptedWorker,
    [Symbol.asyncDispose]: () => router[Symbol.asyncDispose](),
  });
}

/** A worker that does what the test says and remembers what it was sent. */
class ScriptedWorker {
  readonly invoked: string[] = [];
  readonly queried: string[] = [];
  incarnation = 'first';
  /** Answers each heartbeat with its own. */
  beating = false;
  streams = 0;
  readonly #held = new Set<string>();
  readonly #workerId: string;
  #stream: Stream<ConnectResponse> | undefined;

  constructor(workerId: string) {
    this.#workerId = workerId;
  }

  accept(stream: Stream<ConnectResponse>) {
    this.#stream = stream;
    this.streams++;
    return { message: (message: ConnectRequest) => this.#receive(message), closed: () => undefined };
  }

  holds(requestId: string): boolean {
    return this.#held.has(requestId);
  }

  vacancies(idle: number): void {
    this.say({ case: 'vacancies', value: { vacancies: [{ key: KEY, idle }] } });
  }

  offer(): void {
    this.say({ case: 'offer', value: { key: KEY } });
  }

  answer(requestId: string, text: string): void {
    this.#held.delete(requestId);
    this.say({ case: 'result', value: { requestId, outcome: OutcomeKind.OK, payload: Buffer.from(text) } });
  }

  refuse(requestId: string, reason: NotStartedReason): void {
    this.#held.delete(requestId);
    this.say({ case: 'notStarted', value: { requestId, reason } });
  }

  standing(value: { running: string[]; neverSeen: string[] }): void {
    this.say({ case: 'standing', value });
  }

  breakStream(): void {
    this.#stream?.close();
  }

  say(message: NonNullable<Parameters<typeof create<typeof ConnectResponseSchema>>[1]>['message']): void {
    this.#stream?.send(create(ConnectResponseSchema, { message: message as ConnectResponse['message'] }));
  }

  #receive({ message }: ConnectRequest): void {
    if (message.case === 'hello') {
      this.say({ case: 'welcome', value: { workerId: this.#workerId, incarnation: this.incarnation } });
    } else if (message.case === 'invoke') {
      this.invoked.push((message.value as Invoke).requestId);
      this.#held.add(message.value.requestId);
    } else if (message.case === 'query') {
      this.queried.push(...message.value.requestIds);
    } else if (message.case === 'heartbeat' && this.beating) {
      this.say({ case: 'heartbeat', value: {} });
    }
  }
}
