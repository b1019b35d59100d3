import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NatsQueueRoom } from './nats-queue-room.ts';

test('what is on its way takes its place, and gives it back where nothing was stored', () => {
  const room = new NatsQueueRoom({ maxMessages: 2, maxBytes: 1_000 });
  assert.deepEqual([room.reserve(1), room.reserve(1), room.reserve(1)], [true, true, false]);
  room.settle(1, false);
  assert.equal(room.reserve(1), true);
  room.settle(1, true);
  room.settle(1, true);
  assert.equal(room.reserve(1), false);
  room.removed(1);
  assert.equal(room.reserve(1), true);
});

test('new messages leave a fifth of the bytes to what moves', () => {
  const room = new NatsQueueRoom({ maxMessages: 100, maxBytes: 1_000 });
  assert.deepEqual([room.reserve(800), room.reserve(1)], [true, false]);
});

test('a survey counts more than what was known', () => {
  const room = new NatsQueueRoom({ maxMessages: 2, maxBytes: 1_000 });
  room.learn({ messages: 2, bytes: 20 });
  assert.equal(room.reserve(1), false);
  room.learn({ messages: 0, bytes: 0 });
  room.removed(100);
  assert.equal(room.reserve(800), true);
});
