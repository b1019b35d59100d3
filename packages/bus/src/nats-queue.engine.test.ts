import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { isFailure, SystemClock } from '@lambent/core';
import { startTestNats, waitFor } from '@lambent/testing';
import type { BusMessage, Delivery, Queue, QueueMessage } from './bus.ts';
import { openNatsBus } from './fixtures/open-nats-bus.ts';
import { ATTEMPT_MS } from './nats-patience.ts';

const REDELIVER_AFTER_MS = 5_000;

const engine = await startTestNats();
after(() => engine[Symbol.asyncDispose]());
let clusters = 0;

test('of a thousand messages none is lost when the server is killed, and none comes that was acknowledged', async () => {
  const cluster = nextCluster();
  await using opened = await open(cluster);
  const queue = await openQueue(opened, { redeliverAfterMs: 1_000 });
  const ids = Array.from({ length: 1_000 }, (_, index) => `${index}`);
  await enqueueAll(queue, ids.slice(0, 500));
  const first = await queue.pull({ max: 200, waitMs: 0 });
  assert.equal(first.length, 200);
  const acknowledged = first.filter((_, index) => index % 2 === 0);
  const rest = enqueueAll(queue, ids.slice(500));
  await Promise.all(acknowledged.map(delivery => delivery.acknowledge()));
  await engine.server.kill9();
  await engine.restart();
  await rest;
  const taken = await takeAll(queue, 900);
  assert.deepEqual(sorted([...idsOf(acknowledged), ...taken]), sorted(ids));
  assert.deepEqual(await queue.pull({ max: 10, waitMs: 1_500 }), []);
  assert.deepEqual(await queue.depth(), { messages: 0, inFlight: 0, oldestAgeMs: 0 });
});

test('a pull goes on over a restart of the server', async () => {
  await using opened = await open(nextCluster());
  const queue = await openQueue(opened);
  const pulled = queue.pull({ max: 1, waitMs: 30_000 });
  await queue.depth();
  await engine.server.kill9();
  await waitFor('the loss is noticed', () => opened.connection.state === 'disconnected');
  await engine.restart();
  await queue.enqueue(message('a'));
  assert.deepEqual(idsOf(await pulled), ['a']);
});

test('a message that is enqueued while the server is away is there once it is back, and once', async () => {
  await using opened = await open(nextCluster());
  const queue = await openQueue(opened);
  await queue.enqueue(message('before'));
  await engine.server.kill9();
  await waitFor('the loss is noticed', () => opened.connection.state === 'disconnected');
  const enqueued = [queue.enqueue(message('before')), queue.enqueue(message('during'))];
  await engine.restart();
  await Promise.all(enqueued);
  assert.deepEqual(await takeAll(queue, 2), ['before', 'during']);
  assert.equal((await queue.depth()).messages, 0);
});

test('a server that stays away is storage-failed when patience ends', async () => {
  // Room for an attempt that nobody answers, and for the next: the broker forgets a delivery when it is killed.
  await using opened = await open(nextCluster(), { patienceMs: 2 * ATTEMPT_MS });
  const queue = await openQueue(opened);
  await queue.enqueue(message('a'));
  const [delivery] = await queue.pull({ max: 1, waitMs: 1_000 });
  await engine.server.kill9();
  const failed = (promise?: Promise<unknown>) =>
    assert.rejects(promise ?? Promise.resolve(), error => isFailure(error, 'storage-failed'));
  try {
    await Promise.all([
      failed(queue.enqueue(message('b'))),
      failed(delivery?.acknowledge()),
      failed(delivery?.replace(message('c'))),
    ]);
  } finally {
    await engine.restart();
  }
  // What did not succeed can be said again, until it does.
  await waitFor('it is back, and takes what is said', async () => {
    await delivery?.replace(message('c'));
    return true;
  });
  const { messages } = await queue.depth();
  const taken = await takeAll(queue, messages);
  assert.deepEqual(sorted(taken.filter(id => id !== 'b')), ['c'], 'whether b is there nobody was told');
});

test('new messages are refused at four fifths of the bytes, and what is there can still be moved', async () => {
  await using opened = await open(nextCluster(), { queueBytesMax: 1_000_000 });
  const queue = await openQueue(opened);
  const body = new Uint8Array(50_000);
  let stored = 0;
  const full = (async () => {
    for (; ; stored++) await queue.enqueue({ id: `${stored}`, body, headers: {} });
  })();
  await assert.rejects(full, error => isFailure(error, 'queue-full'));
  assert.equal(stored, 15);
  const [delivery] = await queue.pull({ max: 1, waitMs: 1_000 });
  await delivery?.replace({ id: 'moved', body, headers: {} });
  assert.equal((await queue.depth()).messages, 15);
});

test('a stream that is full to the brim is queue-full at once', async () => {
  await using opened = await open(nextCluster(), { queueBytesMax: 100_000 });
  const queue = await openQueue(opened);
  await queue.enqueue({ id: 'a', body: new Uint8Array(60_000), headers: {} });
  const [delivery] = await queue.pull({ max: 1, waitMs: 1_000 });
  const replaced = delivery?.replace({ id: 'b', body: new Uint8Array(60_000), headers: {} });
  await assert.rejects(replaced ?? Promise.resolve(), error => isFailure(error, 'queue-full'));
  await delivery?.release();
  assert.deepEqual(await takeAll(queue, 1), ['a']);
});

test('two processes share a queue, and no message comes to both', async () => {
  const cluster = nextCluster();
  await using one = await open(cluster);
  await using other = await open(cluster);
  const queues = [await openQueue(one), await openQueue(other)];
  const ids = Array.from({ length: 200 }, (_, index) => `${index}`);
  let taken = 0;
  const taking = queues.map(queue => takeFor(queue, () => taken < ids.length));
  for (const [index, id] of ids.entries())
    await queues[index % 2]?.enqueue({ ...message(id), ...(index % 10 === 0 && { delayMs: 100 }) });
  const all = (await Promise.all(taking)).flat();
  assert.deepEqual(sorted(all), sorted(ids));

  async function takeFor(queue: Queue, more: () => boolean): Promise<string[]> {
    const own: string[] = [];
    while (more()) {
      for (const delivery of await queue.pull({ max: 10, waitMs: 200 })) {
        await delivery.acknowledge();
        own.push(delivery.id);
        taken++;
      }
    }
    return own;
  }
});

test('a delayed head is in the way of nobody, and one behind it is on time', async () => {
  await using opened = await open(nextCluster(), { delayStepsMs: [200, 60_000] });
  const queue = await openQueue(opened);
  const clock = new SystemClock();
  await queue.enqueue({ ...message('late'), delayMs: 60_000 });
  await queue.enqueue({ ...message('soon'), delayMs: 200 });
  const enqueuedAtMs = clock.monotonicMs();
  await queue.enqueue(message('now'));
  assert.deepEqual(await takeAll(queue, 1), ['now']);
  assert.deepEqual(await takeAll(queue, 1), ['soon']);
  const waitedMs = clock.monotonicMs() - enqueuedAtMs;
  assert.ok(waitedMs >= 199 && waitedMs < 1_000, `after ${waitedMs} ms`);
});

test('what another process delayed is on time here, and its first delivery counts as the first', async () => {
  const cluster = nextCluster();
  const delayStepsMs = [2_500];
  await using sender = await open(cluster, { delayStepsMs });
  await using taker = await open(cluster, { delayStepsMs });
  const [sending, queue] = [await openQueue(sender), await openQueue(taker)];
  const clock = new SystemClock();
  for (const id of ['a', 'b']) await sending.enqueue({ ...message(id), delayMs: 2_500 });
  const enqueuedAtMs = clock.monotonicMs();
  const early = await queue.pull({ max: 10, waitMs: 1_500 });
  assert.deepEqual(early, []);
  const first = await pullOne(queue);
  const waitedMs = clock.monotonicMs() - enqueuedAtMs;
  assert.ok(waitedMs >= 2_490 && waitedMs < 3_500, `after ${waitedMs} ms`);
  const second = await pullOne(queue);
  assert.deepEqual(
    [first, second].map(({ id, deliveryCount }) => [id, deliveryCount]),
    [
      ['a', 1],
      ['b', 1],
    ],
  );
});

test('a delay longer than the longest step is waited for in several, and nobody sees that', async () => {
  await using opened = await open(nextCluster(), { delayStepsMs: [200, 400] });
  const queue = await openQueue(opened);
  const clock = new SystemClock();
  const startedAtMs = clock.monotonicMs();
  await queue.enqueue({ ...message('a'), delayMs: 900 });
  const delivery = await pullOne(queue);
  assert.ok(clock.monotonicMs() - startedAtMs >= 990, 'two of the longest and one of the shortest');
  assert.deepEqual([delivery.id, delivery.deliveryCount], ['a', 1]);
});

test('deliveries are counted on when a message is given back with a delay', async () => {
  await using opened = await open(nextCluster(), { delayStepsMs: [100] });
  const queue = await openQueue(opened);
  await queue.enqueue(message('a'));
  const first = await pullOne(queue);
  await first.release();
  const second = await pullOne(queue);
  await second.release({ delayMs: 50 });
  const third = await pullOne(queue);
  await third.release();
  const fourth = await pullOne(queue);
  assert.deepEqual([second.deliveryCount, third.deliveryCount, fourth.deliveryCount], [2, 3, 4]);
  assert.ok(fourth.ageMs >= 100, 'its age goes on');
});

test('a delivery whose message another one holds can not give it back', async () => {
  await using opened = await open(nextCluster());
  const queue = await openQueue(opened, { redeliverAfterMs: 300 });
  await queue.enqueue(message('a'));
  const first = await pullOne(queue);
  const second = await pullOne(queue);
  assert.equal(second.deliveryCount, 2);
  await first.release();
  assert.deepEqual(await queue.pull({ max: 1, waitMs: 0 }), []);
});

test('a message that a stranger put in the stream is handed out, too', async () => {
  const cluster = nextCluster();
  await using opened = await open(cluster);
  const queue = await openQueue(opened);
  await opened.connection.jetstream.publish(`${cluster}.queue.queue.now`, 'hello');
  const delivery = await pullOne(queue);
  assert.deepEqual([delivery.id, delivery.headers], ['sequence-1', {}]);
});

test('ids may be any text, and headers may be large but not endless', async () => {
  await using opened = await open(nextCluster());
  const queue = await openQueue(opened);
  const id = ' a\r\nNats-Rollup: all\u0000ü';
  const headers = { text: 'x'.repeat(50_000), 'Nats-Rollup': 'all' };
  await queue.enqueue({ id, body: new Uint8Array(), headers });
  await queue.enqueue({ id, body: new Uint8Array(), headers });
  const tooLarge = queue.enqueue({ ...message('b'), headers: { text: 'x'.repeat(70_000) } });
  await assert.rejects(tooLarge, error => isFailure(error, 'payload-too-large'));
  assert.equal((await queue.depth()).messages, 1);
  const delivery = await pullOne(queue);
  assert.deepEqual([delivery.id, delivery.headers], [id, headers]);
});

test('disposing of the bus ends pulls, and a second time changes nothing', async () => {
  await using opened = await open(nextCluster());
  const queue = await openQueue(opened);
  const pulled = queue.pull({ max: 1, waitMs: 60_000 });
  await queue.depth();
  await opened.bus[Symbol.asyncDispose]();
  assert.deepEqual(await pulled, []);
  await assert.rejects(queue.enqueue(message('a')), error => isFailure(error, 'storage-failed'));
  await opened.bus[Symbol.asyncDispose]();
});

test('all that fills a queue can be released at once, and even where there is no room to move it', async () => {
  const body = new Uint8Array(100_000);
  const cluster = nextCluster();
  await using opened = await open(cluster, { queueBytesMax: 20 * body.length });
  const queue = await openQueue(opened);
  const full = (error: unknown) => isFailure(error, 'queue-full');
  for (let id = 0; id < 15; id++) await queue.enqueue({ ...message(`${id}`), body });
  await assert.rejects(queue.enqueue({ ...message('more'), body }), full);
  const held = await queue.pull({ max: 15, waitMs: 1_000 });
  await Promise.all(held.map(delivery => delivery.release({ delayMs: 100 })));
  const again = await queue.pull({ max: 15, waitMs: 5_000 });
  assert.ok(again.length > 0);
  // Somebody who knows of no bound but the broker's takes the rest.
  const { jetstream } = opened.connection;
  const take = () =>
    jetstream.publish(`${cluster}.queue.queue.now`, new Uint8Array(50_000)).then(
      () => true,
      () => false,
    );
  while (await take());
  await Promise.all(again.map(delivery => delivery.release({ delayMs: 100 })));
  await waitFor('one to come again', async () =>
    (await queue.pull({ max: 50, waitMs: 1_000 })).some(
      ({ id, deliveryCount }) => id === '0' && deliveryCount > 2,
    ),
  );
});

test('the age of a message is the same to whose clock is an hour off', async () => {
  const cluster = nextCluster();
  const clock = new SystemClock();
  const off = (byMs: number) => ({
    nowMs: () => clock.nowMs() + byMs,
    monotonicMs: () => clock.monotonicMs(),
    setTimer: clock.setTimer.bind(clock),
  });
  await using ahead = await open(cluster, { clock: off(3_600_000) });
  await using behind = await open(cluster, { clock: off(-3_600_000) });
  await (await openQueue(ahead)).enqueue(message('a'));
  const queue = await openQueue(behind);
  const delivery = await pullOne(queue);
  assert.ok(delivery.ageMs < 10_000, `${delivery.ageMs}`);
  const firstMs = delivery.ageMs;
  await waitFor('it to grow', () => delivery.ageMs > firstMs);
  assert.ok((await queue.depth()).oldestAgeMs < 10_000);
});

test('a reply that no server takes is refused, not kept', async () => {
  await using opened = await open(nextCluster());
  const { bus, connection } = opened;
  const asked = Promise.withResolvers<BusMessage>();
  bus.subscribe('work', asked.resolve);
  await connection.core.flush();
  const answer = bus.request('work', new Uint8Array(), { timeoutMs: 1_000 });
  const request = await asked.promise;
  await engine.server.kill9();
  await waitFor('the loss is noticed', () => connection.state === 'disconnected');
  assert.throws(
    () => request.respond(new Uint8Array()),
    error => isFailure(error, 'link-broken'),
  );
  await assert.rejects(answer, error => isFailure(error));
  await engine.restart();
});

test('a group of subscribers is one over all processes', async () => {
  const cluster = nextCluster();
  await using one = await open(cluster);
  await using other = await open(cluster);
  const heard: string[] = [];
  for (const [name, { bus, connection }] of Object.entries({ one, other })) {
    bus.subscribe('work', ({ subject }) => heard.push(`${name} ${subject}`), { group: 'workers' });
    await connection.core.flush();
  }
  for (let count = 0; count < 20; count++) one.bus.publish('work', new Uint8Array());
  await waitFor('all are heard', () => heard.length >= 20);
  assert.deepEqual(sorted([...new Set(heard)]), ['one work', 'other work']);
  assert.equal(heard.length, 20);
});

test('a cluster hears nothing of another one', async () => {
  await using one = await open(nextCluster());
  await using other = await open(nextCluster());
  other.bus.subscribe('>', () => assert.fail('heard'));
  other.bus.subscribe('work', () => {});
  await other.connection.core.flush();
  const request = one.bus.request('work', new Uint8Array(), { timeoutMs: 1_000 });
  await assert.rejects(request, error => isFailure(error, 'link-broken'));
});

function nextCluster(): string {
  return `queue-test-${clusters++}`;
}

function open(cluster: string, options: Partial<Parameters<typeof openNatsBus>[0]> = {}) {
  return openNatsBus({ url: engine.url, cluster, delayStepsMs: [100, 1_000], ...options });
}

function openQueue(
  { bus }: Awaited<ReturnType<typeof open>>,
  options: { redeliverAfterMs?: number } = {},
): Promise<Queue> {
  return bus.openQueue('queue', { maxMessages: 10_000, redeliverAfterMs: REDELIVER_AFTER_MS, ...options });
}

async function enqueueAll(queue: Queue, ids: readonly string[]): Promise<void> {
  await Promise.all(ids.map(id => queue.enqueue(message(id))));
}

async function takeAll(queue: Queue, count: number): Promise<string[]> {
  const taken: string[] = [];
  while (taken.length < count) {
    const deliveries = await queue.pull({ max: Math.min(50, count - taken.length), waitMs: 10_000 });
    assert.ok(deliveries.length > 0, `only ${taken.length} of ${count} came`);
    await Promise.all(deliveries.map(delivery => delivery.acknowledge()));
    taken.push(...idsOf(deliveries));
  }
  return taken;
}

async function pullOne(queue: Queue): Promise<Delivery> {
  const [delivery] = await queue.pull({ max: 1, waitMs: 10_000 });
  assert.ok(delivery);
  return delivery;
}

function message(id: string): QueueMessage {
  return { id, body: new TextEncoder().encode(id), headers: {} };
}

function idsOf(deliveries: readonly Delivery[]): string[] {
  return deliveries.map(({ id }) => id);
}

function sorted(values: readonly string[]): string[] {
  return values.toSorted();
}
