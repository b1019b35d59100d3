import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqliteBus } from '@lambent/bus';
import { isFailure, SystemClock } from '@lambent/core';
import { SqliteStore } from '@lambent/sqlite';
import type { AsyncInvocation } from './async-invocation.ts';
import { AsyncQueues } from './async-queues.ts';

const CLOCK = new SystemClock();

test('a function has one partition, which is the same for ever', async () => {
  await using stage = await openStage();
  const { queues } = stage;
  assert.deepEqual(
    ['a', 'b', '0198c0de-0000-7000-8000-000000000000'].map(id => queues.partitionOf(id)),
    [2, 6, 2],
  );
});

test('functions are spread over all partitions', async () => {
  await using stage = await openStage();
  const counts = new Array<number>(8).fill(0);
  for (let index = 0; index < 8_000; index++) {
    const partition = stage.queues.partitionOf(`function ${index}`);
    counts[partition] = (counts[partition] ?? 0) + 1;
  }
  assert.ok(
    counts.every(count => count > 850 && count < 1_150),
    `${counts}`,
  );
});

test('an event lies in its function’s partition, and the depth is that of all', async () => {
  await using stage = await openStage();
  const { queues } = stage;
  for (const functionId of ['a', 'a', 'b']) await queues.enqueue(invocation(functionId));
  const depths = await Promise.all(queues.queues.map(queue => queue.depth()));
  assert.deepEqual(
    depths.map(depth => depth.messages),
    [0, 0, 2, 0, 0, 0, 1, 0],
  );
  const [held] = (await queues.queues[2]?.pull({ max: 1, waitMs: 0 })) ?? [];
  assert.equal(held?.headers['function-id'], 'a');
  const { messages, inFlight, oldestAgeMs } = await queues.depth();
  assert.deepEqual([messages, inFlight], [3, 1]);
  assert.ok(oldestAgeMs >= Math.max(...depths.map(depth => depth.oldestAgeMs)));
});

test('what was in the one queue there used to be is in the first partition', async () => {
  await using stage = await openStage();
  const old = await stage.bus.openQueue('async-invocations', { maxMessages: 1, redeliverAfterMs: 1_000 });
  await old.enqueue({ id: 'old', body: Buffer.of(), headers: {} });
  const pulled = await stage.queues.queues[0]?.pull({ max: 1, waitMs: 0 });
  assert.deepEqual(
    pulled?.map(({ id }) => id),
    ['old'],
  );
});

test('a partition that holds its share of the bound is full, the others are not', async () => {
  await using stage = await openStage({ maxMessages: 10 });
  const { queues } = stage;
  await queues.enqueue(invocation('a'));
  await queues.enqueue(invocation('a'));
  await assert.rejects(queues.enqueue(invocation('a')), error => isFailure(error, 'queue-full'));
  await queues.enqueue(invocation('b'));
});

async function openStage({ maxMessages = 1_000 } = {}) {
  const store = await SqliteStore.open({ file: ':memory:' });
  const bus = await SqliteBus.open({ store, clock: CLOCK });
  return {
    bus,
    queues: await AsyncQueues.open(bus, { partitions: 8, maxMessages }),
    async [Symbol.asyncDispose]() {
      await bus[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

let requests = 0;
function invocation(functionId: string): AsyncInvocation {
  requests += 1;
  return {
    requestId: `r-${requests}`,
    functionId,
    name: 'hello',
    invokedArn: 'arn',
    attempt: 1,
    firstAcceptedAtMs: CLOCK.nowMs(),
    payload: Buffer.from('{}'),
  };
}
