import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Bus, DEDUPLICATION_MS, type Delivery, type Queue, type QueueMessage } from '@lambent/bus';
import { isFailure } from '@lambent/core';

/** A bus of its own for each test, and what a test does to it from outside. */
export interface BusUnderTest extends AsyncDisposable {
  /** Another one after `reopen`. */
  readonly bus: Bus;
  /** Lets the time of delays and redeliveries pass. */
  pass(ms: number): Promise<void>;
  /** Ends the process that holds the store, as it were, and starts it again. Absent where nothing outlives it. */
  reopen?(): Promise<void>;
}

const TEST_TIMEOUT_MS = 20_000;
const REDELIVER_AFTER_MS = 5_000;
/** A pull that is meant to find something. */
const WAIT_MS = 60_000;

/** The promises of `Bus`, for any adapter. */
export function busContract(name: string, open: () => Promise<BusUnderTest>): void {
  const promise: Promises = (what, hold) =>
    void test(`${name}: ${what}`, { timeout: TEST_TIMEOUT_MS }, async () => {
      await using subject = await open();
      await hold(subject, await openQueue(subject.bus));
    });
  subjects(promise);
  requests(promise);
  deliveries(promise);
  waits(promise);
  redeliveries(promise);
  replacements(promise);
  deduplication(promise);
  bounds(promise);
  restarts(promise);
}

type Promises = (what: string, hold: (subject: BusUnderTest, queue: Queue) => Promise<void>) => void;

function subjects(promise: Promises): void {
  promise('a message reaches who subscribed to its subject, by name or by wildcard', async ({ bus }) => {
    const heard: string[] = [];
    const patterns = ['a.b.c', 'a.*.c', 'a.>', 'a.b', 'a.b.c.>', '*.b', 'b.>'];
    for (const pattern of patterns)
      bus.subscribe(pattern, ({ subject }) => heard.push(`${pattern} ${subject}`));
    const last = new Promise<void>(resolve => bus.subscribe('last', () => resolve()));
    for (const subject of ['a.b.c', 'a.b', 'a']) bus.publish(subject, bytes(''));
    bus.publish('last', bytes(''));
    await last;
    assert.deepEqual(heard.sort(), [
      '*.b a.b',
      'a.*.c a.b.c',
      'a.> a.b',
      'a.> a.b.c',
      'a.b a.b',
      'a.b.c a.b.c',
    ]);
  });

  promise('a subscription that was disposed of hears nothing more', async ({ bus }) => {
    const heard: string[] = [];
    const subscription = bus.subscribe('a', ({ body }) => heard.push(text(body)));
    const heardBoth = new Promise<void>(resolve => bus.subscribe('b', () => resolve()));
    subscription[Symbol.dispose]();
    bus.publish('a', bytes('1'));
    bus.publish('b', bytes('1'));
    await heardBoth;
    assert.deepEqual(heard, []);
  });

  promise('nobody is called back while publishing, and the message is as it was then', async ({ bus }) => {
    let publishing = true;
    const body = bytes('first');
    const received = new Promise<string>(resolve =>
      bus.subscribe('a', message => {
        assert.equal(publishing, false);
        resolve(`${text(message.body)} ${message.headers['kind']}`);
      }),
    );
    bus.publish('a', body, { kind: 'greeting' });
    body.fill(0);
    publishing = false;
    assert.equal(await received, 'first greeting');
  });
}

function requests(promise: Promises): void {
  promise('a request is answered by the first who responds', async ({ bus }) => {
    bus.subscribe('sum.*', message => {
      message.respond(bytes(`${text(message.body)}!`), { by: 'first' });
      message.respond(bytes('again'));
    });
    const answer = await bus.request('sum.a', bytes('hello'), { timeoutMs: 1_000 });
    assert.deepEqual([text(answer.body), answer.headers['by']], ['hello!', 'first']);
    answer.respond(bytes('ignored'));
  });

  promise('a request that nobody hears is link-broken at once', async ({ bus }) => {
    await assert.rejects(bus.request('nobody', bytes(''), { timeoutMs: WAIT_MS }), error =>
      isFailure(error, 'link-broken'),
    );
  });

  promise('a request that nobody answers is a request-timeout', async ({ bus, pass }) => {
    bus.subscribe('silent', () => {});
    const request = bus.request('silent', bytes(''), { timeoutMs: 500 });
    const timedOut = assert.rejects(request, error => isFailure(error, 'request-timeout'));
    await pass(500);
    await timedOut;
  });
}

function deliveries(promise: Promises): void {
  promise('a message is delivered as it was enqueued', async (_, queue) => {
    const body = new Uint8Array([0, 255, 7]);
    const enqueued = queue.enqueue({ id: 'a', body, headers: { kind: 'x', ü: '"' } });
    body.fill(1);
    await enqueued;
    const delivery = await pullOne(queue);
    assert.deepEqual(
      [delivery.id, delivery.body, { ...delivery.headers }, delivery.deliveryCount],
      ['a', new Uint8Array([0, 255, 7]), { kind: 'x', ü: '"' }, 1],
    );
  });

  promise('an acknowledged message never comes again', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a', 'b']);
    for (const delivery of await queue.pull({ max: 2, waitMs: WAIT_MS })) await delivery.acknowledge();
    await pass(2 * REDELIVER_AFTER_MS);
    assert.deepEqual(await pullIds(queue), []);
    assert.deepEqual(await queue.depth(), { messages: 0, inFlight: 0, oldestAgeMs: 0 });
  });

  promise('messages come in the order in which they fall due', async ({ pass }, queue) => {
    await queue.enqueue({ ...message('late'), delayMs: 2_000 });
    await queue.enqueue({ ...message('early'), delayMs: 1_000 });
    await enqueueAll(queue, ['first', 'second', 'third']);
    assert.deepEqual(await pullIds(queue), ['first', 'second', 'third']);
    await pass(2_000);
    assert.deepEqual(await pullIds(queue), ['early', 'late']);
  });

  promise('a pull gives at most what was asked for, and each message to one who pulls', async (_, queue) => {
    const ids = Array.from({ length: 100 }, (__, index) => `${index}`);
    await enqueueAll(queue, ids);
    const pulls = await Promise.all(
      Array.from({ length: 10 }, () => queue.pull({ max: 10, waitMs: WAIT_MS })),
    );
    assert.ok(pulls.every(pulled => pulled.length <= 10));
    const pulled = pulls.flat().map(delivery => delivery.id);
    assert.deepEqual(new Set(pulled).size, pulled.length);
    const rest = await queue.pull({ max: 100, waitMs: 0 });
    assert.equal(pulled.length + rest.length, ids.length);
  });

  promise('queues of different names do not mix, and of one name are one', async ({ bus }, queue) => {
    const other = await openQueue(bus, 'other');
    const same = await openQueue(bus);
    await enqueueAll(queue, ['a']);
    assert.deepEqual(await pullIds(other), []);
    assert.deepEqual(await pullIds(same), ['a']);
    await other.enqueue(message('a'));
    assert.equal((await other.depth()).messages, 1);
  });

  promise('the depth tells what is there, what is in flight and for how long', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a', 'b', 'c']);
    await pass(1_000);
    await enqueueAll(queue, ['d']);
    const delivery = await pullOne(queue);
    const { messages, inFlight, oldestAgeMs } = await queue.depth();
    assert.deepEqual([messages, inFlight], [4, 1]);
    assert.ok(oldestAgeMs >= 1_000);
    await delivery.acknowledge();
    assert.deepEqual((await queue.depth()).messages, 3);
  });
}

function waits(promise: Promises): void {
  promise('a waiting pull is woken by an enqueue', async ({ bus }, queue) => {
    const same = await openQueue(bus);
    const pulled = queue.pull({ max: 5, waitMs: WAIT_MS });
    await same.enqueue(message('a'));
    assert.deepEqual(ids(await pulled), ['a']);
  });

  promise('a waiting pull is woken when a message falls due, not before', async ({ pass }, queue) => {
    let woken = false;
    const pulled = queue.pull({ max: 5, waitMs: WAIT_MS }).finally(() => (woken = true));
    await queue.enqueue({ ...message('a'), delayMs: 3_000 });
    await pass(2_000);
    assert.equal((await queue.depth()).messages, 1);
    assert.equal(woken, false);
    await pass(1_000);
    assert.deepEqual(ids(await pulled), ['a']);
  });

  promise('a pull that finds nothing in its time resolves with none', async ({ pass }, queue) => {
    const pulled = queue.pull({ max: 1, waitMs: 2_000 });
    await pass(2_000);
    assert.deepEqual(await pulled, []);
    assert.deepEqual(await queue.pull({ max: 1, waitMs: 0 }), []);
  });

  promise('an aborted pull resolves with none and loses none', async (_, queue) => {
    const waiting = new AbortController();
    const pulled = queue.pull({ max: 1, waitMs: WAIT_MS, signal: waiting.signal });
    await queue.depth();
    waiting.abort();
    assert.deepEqual(await pulled, []);
    await enqueueAll(queue, ['a']);
    const taking = new AbortController();
    const taken = queue.pull({ max: 1, waitMs: WAIT_MS, signal: taking.signal });
    taking.abort();
    assert.deepEqual(await taken, []);
    assert.deepEqual(ids(await queue.pull({ max: 1, waitMs: WAIT_MS })), ['a']);
  });
}

function redeliveries(promise: Promises): void {
  promise('a message that is not acknowledged comes again after its time', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a']);
    const first = await pullOne(queue);
    const again = queue.pull({ max: 1, waitMs: WAIT_MS });
    await pass(REDELIVER_AFTER_MS);
    const [second] = await again;
    assert.deepEqual([second?.id, second?.deliveryCount], ['a', 2]);
    assert.equal(second?.enqueuedAtMs, first.enqueuedAtMs);
  });

  promise('extending a delivery begins its time anew', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a']);
    const delivery = await pullOne(queue);
    await pass(0.8 * REDELIVER_AFTER_MS);
    await delivery.extend();
    await pass(0.8 * REDELIVER_AFTER_MS);
    assert.deepEqual(await pullIds(queue), []);
    await pass(0.4 * REDELIVER_AFTER_MS);
    assert.deepEqual(ids(await queue.pull({ max: 1, waitMs: WAIT_MS })), ['a']);
  });

  promise('an acknowledgement that comes late still counts', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a']);
    const first = await pullOne(queue);
    await pass(REDELIVER_AFTER_MS);
    await pullOne(queue);
    await first.acknowledge();
    await pass(REDELIVER_AFTER_MS);
    assert.deepEqual(await pullIds(queue), []);
  });

  promise('a released message comes again at once, or after its delay', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a']);
    await (await pullOne(queue)).release();
    const second = await pullOne(queue);
    assert.equal(second.deliveryCount, 2);
    await second.release({ delayMs: 2_000 });
    assert.deepEqual(await pullIds(queue), []);
    const waiting = queue.pull({ max: 1, waitMs: WAIT_MS });
    await pass(2_000);
    assert.deepEqual(ids(await waiting), ['a']);
  });
}

function replacements(promise: Promises): void {
  promise('a replaced message is gone, and the next is there after its delay', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a']);
    const first = await pullOne(queue);
    await first.replace({ id: 'a:2', body: bytes('next'), headers: { attempt: '2' }, delayMs: 1_000 });
    assert.equal((await queue.depth()).messages, 1);
    assert.deepEqual(await pullIds(queue), []);
    await pass(1_000);
    const second = await pullOne(queue);
    assert.deepEqual([second.id, text(second.body), second.deliveryCount], ['a:2', 'next', 1]);
    assert.equal(second.enqueuedAtMs, first.enqueuedAtMs);
    await second.acknowledge();
    await pass(2 * REDELIVER_AFTER_MS);
    assert.deepEqual(await pullIds(queue), []);
  });

  promise('replacing twice puts one in', async (_, queue) => {
    await enqueueAll(queue, ['a']);
    const delivery = await pullOne(queue);
    await delivery.replace(message('a:2'));
    await delivery.replace(message('a:2'));
    assert.deepEqual(await pullIds(queue), ['a:2']);
  });
}

function deduplication(promise: Promises): void {
  promise(
    'an id that comes again is dropped, even once its message was acknowledged',
    async ({ pass }, queue) => {
      await enqueueAll(queue, ['a']);
      await queue.enqueue({ ...message('a'), body: bytes('repeat') });
      const delivery = await pullOne(queue);
      assert.equal(text(delivery.body), 'a');
      await delivery.acknowledge();
      await pass(DEDUPLICATION_MS / 2);
      await enqueueAll(queue, ['a']);
      assert.deepEqual(await pullIds(queue), []);
    },
  );

  promise('an id is forgotten after its time', async ({ pass }, queue) => {
    await enqueueAll(queue, ['a']);
    await (await pullOne(queue)).acknowledge();
    await pass(DEDUPLICATION_MS + 1_000);
    await enqueueAll(queue, ['a']);
    assert.deepEqual(await pullIds(queue), ['a']);
  });
}

function bounds(promise: Promises): void {
  promise('a full queue refuses what is new, stores nothing of it, and takes a repeat', async ({ bus }) => {
    const small = await bus.openQueue('small', { maxMessages: 2, redeliverAfterMs: REDELIVER_AFTER_MS });
    await enqueueAll(small, ['a', 'b']);
    await assert.rejects(small.enqueue(message('c')), error => isFailure(error, 'queue-full'));
    await small.enqueue(message('b'));
    assert.equal((await small.depth()).messages, 2);
    const delivery = await pullOne(small);
    await delivery.replace(message('a:2'));
    await assert.rejects(small.enqueue(message('c')), error => isFailure(error, 'queue-full'));
    await (await pullOne(small)).acknowledge();
    await small.enqueue(message('c'));
    assert.equal((await small.depth()).messages, 2);
  });

  promise('of many that are enqueued at once a queue takes exactly its bound', async ({ bus }) => {
    const small = await bus.openQueue('small', { maxMessages: 10, redeliverAfterMs: REDELIVER_AFTER_MS });
    const enqueues = Array.from({ length: 50 }, (_, index) => small.enqueue(message(`${index}`)));
    const results = await Promise.allSettled(enqueues);
    assert.equal(results.filter(result => result.status === 'fulfilled').length, 10);
    assert.equal((await small.depth()).messages, 10);
  });
}

function restarts(promise: Promises): void {
  promise(
    'after a restart all that was not acknowledged is there, and nothing that was',
    async (subject, queue) => {
      if (!subject.reopen) return;
      await enqueueAll(queue, ['acknowledged', 'held', 'replaced', 'waiting']);
      await queue.enqueue({ ...message('delayed'), delayMs: 3_000 });
      const [acknowledged, , replaced] = await queue.pull({ max: 3, waitMs: WAIT_MS });
      await acknowledged?.acknowledge();
      await replaced?.replace(message('replacement'));
      await subject.reopen();
      const after = await openQueue(subject.bus);
      await enqueueAll(after, ['acknowledged', 'waiting']);
      const pulled = await after.pull({ max: 10, waitMs: REDELIVER_AFTER_MS });
      assert.deepEqual(
        pulled.map(delivery => [delivery.id, delivery.deliveryCount]),
        [
          ['held', 2],
          ['waiting', 1],
          ['replacement', 1],
        ],
      );
      await subject.pass(3_000);
      assert.deepEqual(await pullIds(after), ['delayed']);
    },
  );
}

function openQueue(bus: Bus, name = 'queue'): Promise<Queue> {
  return bus.openQueue(name, { maxMessages: 1_000, redeliverAfterMs: REDELIVER_AFTER_MS });
}

function message(id: string): QueueMessage {
  return { id, body: bytes(id), headers: {} };
}

async function enqueueAll(queue: Queue, messageIds: readonly string[]): Promise<void> {
  for (const id of messageIds) await queue.enqueue(message(id));
}

async function pullOne(queue: Queue): Promise<Delivery> {
  const [delivery] = await queue.pull({ max: 1, waitMs: WAIT_MS });
  assert.ok(delivery);
  return delivery;
}

/** What is there to be delivered now. */
async function pullIds(queue: Queue): Promise<string[]> {
  return ids(await queue.pull({ max: 100, waitMs: 0 }));
}

function ids(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(delivery => delivery.id);
}

function bytes(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}

function text(value: Uint8Array): string {
  return new TextDecoder().decode(value);
}
