import assert from 'node:assert/strict';
import { MESSAGE_BYTES_MAX, type Queue } from '@lambent/bus';
import { isFailure } from '@lambent/core';
import type { BusPromises, BusUnderTest } from './bus-contract.ts';
import {
  bytes,
  enqueueAll,
  ids,
  message,
  openQueue,
  pullIds,
  pullOne,
  REDELIVER_AFTER_MS,
  text,
  WAIT_MS,
} from './bus-steps.ts';

export function redeliveryPromises(promise: BusPromises): void {
  promise('a message that is not acknowledged comes again after its time', async ({ pass, pace }, queue) => {
    await enqueueAll(queue, ['a']);
    await pullOne(queue);
    const again = queue.pull({ max: 1, waitMs: WAIT_MS });
    await pass(REDELIVER_AFTER_MS);
    const [second] = await again;
    assert.deepEqual([second?.id, second?.deliveryCount], ['a', 2]);
    assert.ok(second && second.ageMs >= 0.9 * REDELIVER_AFTER_MS * pace, 'its age goes on');
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

  promise('a released message comes again at once, or after its delay', async ({ pass, pace }, queue) => {
    await enqueueAll(queue, ['a']);
    await (await pullOne(queue)).release();
    const second = await pullOne(queue);
    assert.equal(second.deliveryCount, 2);
    await second.release({ delayMs: 2_000 * pace });
    assert.deepEqual(await pullIds(queue), []);
    const waiting = queue.pull({ max: 1, waitMs: WAIT_MS });
    await pass(2_000);
    assert.deepEqual(ids(await waiting), ['a']);
  });
}

export function replacementPromises(promise: BusPromises): void {
  promise(
    'a replaced message is gone, and the next is there after its delay',
    async ({ pass, pace }, queue) => {
      await enqueueAll(queue, ['a']);
      const first = await pullOne(queue);
      await pass(500);
      const next = { id: 'a:2', body: bytes('next'), headers: { attempt: '2' } };
      await first.replace({ ...next, delayMs: 1_000 * pace });
      assert.equal((await queue.depth()).messages, 1);
      assert.deepEqual(await pullIds(queue), []);
      await pass(1_000);
      const second = await pullOne(queue);
      assert.deepEqual([second.id, text(second.body), second.deliveryCount], ['a:2', 'next', 1]);
      assert.ok(second.ageMs >= 1_400 * pace, 'its age goes on');
      await second.acknowledge();
      await pass(2 * REDELIVER_AFTER_MS);
      assert.deepEqual(await pullIds(queue), []);
    },
  );

  promise('replacing twice puts one in', async (_, queue) => {
    await enqueueAll(queue, ['a']);
    const delivery = await pullOne(queue);
    await delivery.replace(message('a:2'));
    await delivery.replace(message('a:2'));
    assert.deepEqual(await pullIds(queue), ['a:2']);
  });
}

export function deduplicationPromises(promise: BusPromises): void {
  promise(
    'an id that comes again is dropped, even once its message was acknowledged',
    async ({ pass, deduplicationMs }, queue) => {
      await enqueueAll(queue, ['a']);
      await queue.enqueue({ ...message('a'), body: bytes('repeat') });
      const delivery = await pullOne(queue);
      assert.equal(text(delivery.body), 'a');
      await delivery.acknowledge();
      await pass(deduplicationMs / 2);
      await enqueueAll(queue, ['a']);
      assert.deepEqual(await pullIds(queue), []);
    },
  );

  promise('an id is forgotten after its time', async ({ pass, deduplicationMs }, queue) => {
    await enqueueAll(queue, ['a']);
    await (await pullOne(queue)).acknowledge();
    await pass(deduplicationMs + 1_000);
    await enqueueAll(queue, ['a']);
    assert.deepEqual(await pullIds(queue), ['a']);
  });
}

export function boundPromises(promise: BusPromises): void {
  promise('a full queue refuses what is new, stores nothing of it, and takes a repeat', async subject => {
    const small = await openQueue(subject, { name: 'small', maxMessages: 2 });
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

  promise('of many that are enqueued at once a queue takes exactly its bound', async subject => {
    const small = await openQueue(subject, { name: 'small', maxMessages: 10 });
    const enqueues = Array.from({ length: 50 }, (_, index) => small.enqueue(message(`${index}`)));
    const results = await Promise.allSettled(enqueues);
    assert.equal(results.filter(result => result.status === 'fulfilled').length, 10);
    assert.equal((await small.depth()).messages, 10);
  });

  promise('a message that is too large is refused, the largest is not', async (_, queue) => {
    const largest = MESSAGE_BYTES_MAX - JSON.stringify({}).length;
    await queue.enqueue({ ...message('a'), body: new Uint8Array(largest) });
    const tooLarge = queue.enqueue({ ...message('b'), body: new Uint8Array(MESSAGE_BYTES_MAX + 1) });
    await assert.rejects(tooLarge, error => isFailure(error, 'payload-too-large'));
    assert.equal((await queue.depth()).messages, 1);
  });
}

export function restartPromises(promise: BusPromises): void {
  promise(
    'after a restart all that was not acknowledged is there, and nothing that was',
    async (subject, queue) => {
      if (!subject.reopen) return;
      await enqueueAll(queue, ['acknowledged', 'held', 'replaced', 'waiting']);
      await queue.enqueue({ ...message('delayed'), delayMs: 3_000 * subject.pace });
      const [acknowledged, , replaced] = await queue.pull({ max: 3, waitMs: WAIT_MS });
      await acknowledged?.acknowledge();
      await replaced?.replace(message('replacement'));
      await subject.reopen();
      const after = await openQueue(subject);
      await enqueueAll(after, subject.remembersTheGone === false ? ['waiting'] : ['acknowledged', 'waiting']);
      assert.deepEqual(await drain(subject, after), [
        ['delayed', 1],
        ['held', 2],
        ['replacement', 1],
        ['waiting', 1],
      ]);
    },
  );
}

/** What comes within twice the time after which a message comes again: ids and the count of their deliveries. */
async function drain(subject: BusUnderTest, queue: Queue): Promise<[string, number][]> {
  const drained: [string, number][] = [];
  for (let passedMs = 0; passedMs <= 2 * REDELIVER_AFTER_MS; passedMs += REDELIVER_AFTER_MS / 10) {
    for (const delivery of await queue.pull({ max: 10, waitMs: 0 })) {
      drained.push([delivery.id, delivery.deliveryCount]);
      await delivery.acknowledge();
    }
    await subject.pass(REDELIVER_AFTER_MS / 10);
  }
  return drained.sort(([a], [b]) => a.localeCompare(b));
}
