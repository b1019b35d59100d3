import assert from 'node:assert/strict';
import { duplexPair } from 'node:stream';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { openFrameChannel } from './frame-channel.ts';
import { FRAME, PART_BYTES_MAX } from './frames.ts';
import { ChannelEnded, type RuntimeChannel } from './runtime-channel.ts';

/** In one piece, with 256 bytes charged for each, these cost more than one window of 1 MiB, and less than two. */
const FLOOD_FRAMES = 5_000;

test('a flood of tiny log records is read a share at a time', async () => {
  using runtime = openRuntime();
  await runtime.write(...repeat(frame(FRAME.log)));
  await runtime.write(frame(FRAME.log));
  assert.equal(runtime.records.length, FLOOD_FRAMES);
  await runtime.clock.advance(99);
  assert.equal(runtime.records.length, FLOOD_FRAMES);
  await runtime.clock.advance(1);
  assert.equal(runtime.records.length, FLOOD_FRAMES + 1);
});

for (const type of ['response', 'error', 'initError', 'restoreError'] as const)
  test(`a flood of frames that nobody waits for is slowed down as well: ${type}`, async () => {
    using runtime = openRuntime();
    await runtime.write(frame(FRAME.next));
    await runtime.write(...repeat(frame(FRAME[type], short('x'), short('y'))));
    await runtime.write(frame(FRAME.log));
    assert.equal(runtime.records.length, 0);
    await runtime.clock.advance(100);
    assert.equal(runtime.records.length, 1);
  });

test('one large answer after another is never slowed down', async () => {
  using runtime = openRuntime();
  await runtime.write(frame(FRAME.next));
  const payload = Buffer.alloc(5_000_000);
  for (const requestId of ['first', 'second', 'third']) {
    const answered = runtime.channel.invoke({
      requestId,
      payload: Buffer.from('{}'),
      deadlineEpochMs: 0,
      invokedFunctionArn: 'arn',
    });
    await runtime.write(frame(FRAME.response, short(requestId), payload), frame(FRAME.next));
    assert.deepEqual(await answered, { kind: 'response', payload });
    await runtime.channel.rested();
  }
  assert.equal(runtime.clock.pendingTimers, 0);
});

test('a runtime that writes more parts than its reader asked for loses its channel', async () => {
  using runtime = openRuntime();
  await runtime.write(frame(FRAME.next));
  const sink = { begin: () => {}, part: () => new Promise<void>(() => {}) };
  const answered = runtime.channel.invoke(
    { requestId: 'first', payload: Buffer.from('{}'), deadlineEpochMs: 0, invokedFunctionArn: 'arn' },
    sink,
  );
  const part = frame(FRAME.part, short('first'), Buffer.alloc(PART_BYTES_MAX));
  await runtime.write(frame(FRAME.begin, short('first'), Buffer.from('text/plain')), part, part, part, part);
  const ended = assert.rejects(answered, ChannelEnded);
  await runtime.write(part);
  await ended;
});

test('what nobody took of one response is not counted against the next', async () => {
  using runtime = openRuntime();
  await runtime.write(frame(FRAME.next));
  const sink = { begin: () => {}, part: () => new Promise<void>(() => {}) };
  const part = (id: string) => frame(FRAME.part, short(id), Buffer.alloc(PART_BYTES_MAX));
  for (const requestId of ['first', 'second', 'third']) {
    const answered = runtime.channel.invoke(
      { requestId, payload: Buffer.from('{}'), deadlineEpochMs: 0, invokedFunctionArn: 'arn' },
      sink,
    );
    const begin = frame(FRAME.begin, short(requestId), Buffer.from('text/plain'));
    const parts = [1, 2, 3, 4].map(() => part(requestId));
    await runtime.write(begin, ...parts, frame(FRAME.response, short(requestId)), frame(FRAME.next));
    assert.equal((await answered).kind, 'response');
    await runtime.channel.rested();
  }
});

test('a runtime that is held is told once, and goes on', async () => {
  using runtime = openRuntime({ snapStart: true });
  await runtime.write(frame(FRAME.held));
  await runtime.channel.ready;
  const restored = runtime.channel.restore();
  await runtime.clock.advance(0);
  assert.deepEqual(runtime.sent(), frame(FRAME.restore));
  await runtime.write(frame(FRAME.next));
  await restored;
  await runtime.channel.restore();
  await runtime.clock.advance(0);
  assert.equal(runtime.sent(), null);
});

test('one that asks for its event at once is not held', async () => {
  using runtime = openRuntime({ snapStart: true });
  await runtime.write(frame(FRAME.next));
  await runtime.channel.restore();
  assert.equal(runtime.sent(), null);
});

test('one that leaves while it is restored fails that', async () => {
  using runtime = openRuntime({ snapStart: true });
  await runtime.write(frame(FRAME.held));
  const restored = assert.rejects(runtime.channel.restore(), ChannelEnded);
  runtime.channel[Symbol.dispose]();
  await restored;
});

test('without SnapStart none waits to be restored', async () => {
  using runtime = openRuntime();
  await runtime.write(frame(FRAME.held));
  await assert.rejects(runtime.channel.ready, ChannelEnded);
});

test('disposing of a channel leaves no timer', async () => {
  using runtime = openRuntime();
  await runtime.write(frame(FRAME.log));
  assert.equal(runtime.clock.pendingTimers, 1);
  runtime.channel[Symbol.dispose]();
  assert.equal(runtime.clock.pendingTimers, 0);
});

interface OpenRuntime extends Disposable {
  readonly channel: RuntimeChannel;
  readonly clock: SimulatedClock;
  readonly records: readonly string[];
  /** Sends it in one piece; what is read of it without time passing has been read when this resolves. */
  write(...frames: readonly Buffer[]): Promise<void>;
  /** What it was sent since it last asked. */
  sent(): Buffer | null;
}

function openRuntime({ snapStart = false } = {}): OpenRuntime {
  const [ours, theirs] = duplexPair();
  const clock = new SimulatedClock();
  const records: string[] = [];
  const logSink = (record: string) => records.push(record);
  const channel = openFrameChannel({ channel: ours, logSink, clock, snapStart });
  return {
    channel,
    clock,
    records,
    write(...frames) {
      theirs.write(Buffer.concat(frames));
      return clock.advance(0);
    },
    sent: () => theirs.read(),
    [Symbol.dispose]: () => channel[Symbol.dispose](),
  };
}

function repeat(flood: Buffer): readonly Buffer[] {
  return Array.from({ length: FLOOD_FRAMES }, () => flood);
}

function frame(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(body.length);
  header[4] = type;
  return Buffer.concat([header, body]);
}

function short(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
}
