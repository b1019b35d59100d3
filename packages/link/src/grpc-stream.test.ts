import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { LINGER_MS, MESSAGE_OVERHEAD_BYTES, TRANSFER_MS_MAX } from './grpc-options.ts';
import { type Detour, GrpcStream } from './grpc-stream.ts';
import { MESSAGE_BYTES_MAX, SHARED_STREAM_BYTES_MAX, UNSENT_BYTES_MAX } from './link.ts';

/** A call whose other side does what the test says. */
class Call extends EventEmitter {
  readonly written: { bytes: Buffer; sent: () => void }[] = [];
  ended = false;

  write(bytes: Buffer, sent: () => void): void {
    this.written.push({ bytes, sent });
  }

  end(): void {
    this.ended = true;
  }
}

const LARGE = Buffer.alloc(SHARED_STREAM_BYTES_MAX + 1);

function scene(detour?: Detour<string>) {
  const clock = new SimulatedClock();
  const call = new Call();
  const told: string[] = [];
  const stream = new GrpcStream<Buffer, string>({
    call,
    encode: bytes => bytes,
    ...(detour && { detour }),
    clock,
    hangUp: () => told.push('hung up'),
    over: () => told.push('over'),
  });
  stream.hear({ message: message => told.push(message), closed: cause => told.push(`closed: ${cause}`) });
  return { clock, call, told, stream };
}

test('closing says so at once, lets what was sent go out, and hears nothing more', async () => {
  const { call, told, stream } = scene();
  stream.send(Buffer.from('a'));
  stream.close();
  stream.send(Buffer.from('b'));
  call.emit('data', 'heard too late');
  await Promise.resolve().then(() => undefined);
  assert.ok(call.ended);
  assert.equal(call.written.length, 1);
  call.emit('end');
  call.emit('close');
  assert.deepEqual(told, ['closed: closed by this side', 'over']);
});

test('a stream that does not end after it was closed is hung up', async () => {
  const { clock, told, stream } = scene();
  stream.close();
  await clock.advance(LINGER_MS - 1);
  assert.deepEqual(told, ['closed: closed by this side']);
  await clock.advance(1);
  assert.deepEqual(told, ['closed: closed by this side', 'over', 'hung up']);
});

test('what the other side announced before it closed is still heard', async () => {
  const parcel = Promise.withResolvers<string>();
  const { call, told } = scene({
    send: () => Promise.resolve(),
    collect: message => (message === 'parcel' ? parcel.promise : undefined),
  });
  call.emit('data', 'small');
  call.emit('data', 'parcel');
  call.emit('end');
  assert.deepEqual(told, ['small']);
  parcel.resolve('large');
  await parcel.promise.then(() => undefined);
  assert.deepEqual(told, ['small', 'large', 'closed: closed by the other side']);
  assert.ok(call.ended);
});

test('a call that breaks is over, once', () => {
  const { call, told, stream } = scene();
  call.emit('error', new Error('dropped'));
  call.emit('cancelled');
  call.emit('end');
  call.emit('close');
  call.emit('data', 'heard too late');
  stream.close();
  assert.deepEqual(told, ['closed: dropped', 'over']);
});

test('large messages go apart, and the call ends after they arrived', async () => {
  const arrived = Promise.withResolvers<void>();
  const { call, stream } = scene({ send: () => arrived.promise, collect: () => undefined });
  stream.send(LARGE);
  stream.send(Buffer.from('small'));
  stream.close();
  await new Promise(setImmediate);
  assert.deepEqual([call.written.length, call.ended], [1, false]);
  arrived.resolve();
  await new Promise(setImmediate);
  assert.ok(call.ended);
});

test('a large message that fails, or takes too long, closes the stream', async () => {
  const failing = scene({ send: () => Promise.reject(new Error('refused')), collect: () => undefined });
  failing.stream.send(LARGE);
  await new Promise(setImmediate);
  assert.match(String(failing.told[0]), /^closed: a message of \d+ bytes did not arrive: refused$/);

  const slow = scene({ send: () => new Promise(() => undefined), collect: () => undefined });
  slow.stream.send(LARGE);
  await slow.clock.advance(TRANSFER_MS_MAX);
  assert.match(String(slow.told[0]), /^closed: a message of \d+ bytes did not arrive within/);
  assert.ok(slow.told.includes('hung up'));
});

test('what waits to be sent is bounded, in bytes and in messages', async () => {
  for (const bytes of [MESSAGE_BYTES_MAX / 4, 1]) {
    const { call, told, stream } = scene();
    const message = Buffer.alloc(bytes);
    const most = Math.floor(UNSENT_BYTES_MAX / (bytes + MESSAGE_OVERHEAD_BYTES));
    for (let sent = 0; sent < most; sent++) stream.send(message);
    call.written[0]?.sent();
    stream.send(message);
    assert.equal(call.written.length, most + 1);
    stream.send(message);
    stream.send(message);
    assert.equal(call.written.length, most + 1);
    assert.deepEqual(told, [], 'nobody is called back while sending');
    await Promise.resolve();
    assert.match(String(told[0]), /^closed: more than \d+ bytes wait/);
    assert.deepEqual(told.slice(1), ['over', 'hung up']);
  }
});
