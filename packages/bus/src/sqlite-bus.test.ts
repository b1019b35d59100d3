import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFailure, SimulatedClock } from '@lambent/core';
import { SqliteStore } from '@lambent/sqlite';
import { type BusUnderTest, busContract } from '@lambent/testing';
import { type Bus, DEDUPLICATION_MS, MESSAGE_BYTES_MAX } from './bus.ts';
import { PULL_BYTES_MAX } from './pull-bytes.ts';
import { SqliteBus } from './sqlite-bus.ts';

busContract('SqliteBus in memory', () => openUnderTest(':memory:'));

busContract('SqliteBus in a file', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-bus-'));
  return openUnderTest(join(directory, 'lambent.db'), () => rm(directory, { recursive: true }));
});

test('a message may wait no longer than its delay, though wall time was set back while nobody ran', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'lambent-bus-'));
  const file = join(directory, 'lambent.db');
  try {
    {
      await using store = await SqliteStore.open({ file });
      await using bus = await SqliteBus.open({
        store,
        clock: new SimulatedClock({ startMs: 2_000_000_000 }),
      });
      await (await openQueue(bus)).enqueue({ ...message('a'), delayMs: 1_000 });
    }
    await using store = await SqliteStore.open({ file });
    const clock = new SimulatedClock({ startMs: 1_000_000_000 });
    await using bus = await SqliteBus.open({ store, clock });
    const pulled = (await openQueue(bus)).pull({ max: 1, waitMs: 60_000 });
    await clock.advance(1_000);
    assert.equal((await pulled)[0]?.id, 'a');
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('a delivery whose message another one holds can neither release nor extend it', async () => {
  await using subject = await openUnderTest(':memory:');
  const queue = await openQueue(subject.bus);
  await queue.enqueue(message('a'));
  const [first] = await queue.pull({ max: 1, waitMs: 0 });
  await subject.pass(5_000);
  const [second] = await queue.pull({ max: 1, waitMs: 0 });
  assert.equal(second?.deliveryCount, 2);
  await first?.release();
  assert.deepEqual(await queue.pull({ max: 1, waitMs: 0 }), []);
  await subject.pass(4_000);
  await first?.extend();
  await subject.pass(1_000);
  assert.equal((await queue.pull({ max: 1, waitMs: 0 }))[0]?.deliveryCount, 3);
});

test('one pull brings no more into memory than its bound', async () => {
  await using subject = await openUnderTest(':memory:');
  const queue = await openQueue(subject.bus);
  const body = new Uint8Array(MESSAGE_BYTES_MAX - 2);
  const count = PULL_BYTES_MAX / MESSAGE_BYTES_MAX + 3;
  for (let index = 0; index < count; index++) await queue.enqueue({ id: `${index}`, body, headers: {} });
  const first = await queue.pull({ max: count, waitMs: 0 });
  const second = await queue.pull({ max: count, waitMs: 0 });
  assert.deepEqual([first.length, second.length], [PULL_BYTES_MAX / MESSAGE_BYTES_MAX, 3]);
});

test('a wildcard is no subject to publish to, nor a half one to subscribe to', async () => {
  await using subject = await openUnderTest(':memory:');
  assert.throws(() => subject.bus.publish('a.*', new Uint8Array()), assert.AssertionError);
  assert.throws(() => subject.bus.publish('a..b', new Uint8Array()), assert.AssertionError);
  assert.throws(() => subject.bus.subscribe('a.>.b', () => {}), assert.AssertionError);
});

test('disposing ends pulls and requests, and a second time changes nothing', async () => {
  await using subject = await openUnderTest(':memory:');
  const queue = await openQueue(subject.bus);
  subject.bus.subscribe('silent', () => {});
  const request = subject.bus.request('silent', new Uint8Array(), { timeoutMs: 60_000 });
  const broken = assert.rejects(request, error => isFailure(error, 'link-broken'));
  const pulled = queue.pull({ max: 1, waitMs: 60_000 });
  await queue.depth();
  await subject.bus[Symbol.asyncDispose]();
  await broken;
  assert.deepEqual(await pulled, []);
  await assert.rejects(queue.enqueue(message('a')), error => isFailure(error, 'storage-failed'));
  await subject.bus[Symbol.asyncDispose]();
});

async function openUnderTest(
  file: string,
  clean: () => Promise<void> = async () => {},
): Promise<BusUnderTest> {
  const clock = new SimulatedClock();
  const open = async () => {
    const store = await SqliteStore.open({ file });
    return { store, bus: await SqliteBus.open({ store, clock }) };
  };
  let opened = await open();
  const close = async () => {
    await opened.bus[Symbol.asyncDispose]();
    await opened.store[Symbol.asyncDispose]();
  };
  return {
    get bus() {
      return opened.bus;
    },
    pass: ms => clock.advance(ms),
    pace: 1,
    deduplicationMs: DEDUPLICATION_MS,
    ...(file !== ':memory:' && {
      async reopen() {
        await close();
        opened = await open();
      },
    }),
    async [Symbol.asyncDispose]() {
      await close();
      await clean();
    },
  };
}

function openQueue(bus: Bus) {
  return bus.openQueue('queue', { maxMessages: 1_000, redeliverAfterMs: 5_000 });
}

function message(id: string) {
  return { id, body: new TextEncoder().encode(id), headers: {} };
}
