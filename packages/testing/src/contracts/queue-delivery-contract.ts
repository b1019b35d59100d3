import assert from 'node:assert/strict';
import type { BusPromises } from './bus-contract.ts';
import {
  enqueueAll,
  ids,
  message,
  openQueue,
  pullIds,
  pullOne,
  REDELIVER_AFTER_MS,
  WAIT_MS,
} from './bus-steps.ts';

export function deliveryPromises(promise: BusPromises): void {
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

  promise('messages come in the order in which they fall due', async ({ pass, pace }, queue) => {
    await queue.enqueue({ ...message('late'), delayMs: 2_000 * pace });
    await queue.enqueue({ ...message('early'), delayMs: 1_000 * pace });
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

  promise('queues of different names do not mix, and of one name are one', async (subject, queue) => {
    const other = await openQueue(subject, { name: 'other' });
    const same = await openQueue(subject);
    await enqueueAll(queue, ['a']);
    assert.deepEqual(await pullIds(other), []);
    assert.deepEqual(await pullIds(same), ['a']);
    await other.enqueue(message('a'));
    assert.equal((await other.depth()).messages, 1);
  });

  promise(
    'the depth tells what is there, what is in flight and for how long',
    async ({ pass, pace }, queue) => {
      await enqueueAll(queue, ['a', 'b', 'c']);
      await pass(1_000);
      await enqueueAll(queue, ['d']);
      const delivery = await pullOne(queue);
      const { messages, inFlight, oldestAgeMs } = await queue.depth();
      assert.deepEqual([messages, inFlight], [4, 1]);
      assert.ok(oldestAgeMs >= 1_000 * pace);
      await delivery.acknowledge();
      assert.deepEqual((await queue.depth()).messages, 3);
    },
  );
}

export function waitPromises(promise: BusPromises): void {
  promise('a waiting pull is woken by an enqueue', async (subject, queue) => {
    const same = await openQueue(subject);
    const pulled = queue.pull({ max: 5, waitMs: WAIT_MS });
    await same.enqueue(message('a'));
    assert.deepEqual(ids(await pulled), ['a']);
  });

  promise('a waiting pull is woken when a message falls due, not before', async ({ pass, pace }, queue) => {
    let woken = false;
    const pulled = queue.pull({ max: 5, waitMs: WAIT_MS }).finally(() => (woken = true));
    await queue.enqueue({ ...message('a'), delayMs: 3_000 * pace });
    await pass(2_000);
    assert.equal((await queue.depth()).messages, 1);
    assert.equal(woken, false);
    await pass(1_000);
    assert.deepEqual(ids(await pulled), ['a']);
  });

  promise('a pull that finds nothing in its time resolves with none', async ({ pass, pace }, queue) => {
    const pulled = queue.pull({ max: 1, waitMs: 2_000 * pace });
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
