import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AWS_QUOTAS, SeededRandom } from '@lambent/core';
import {
  encodeInvoke,
  FRAME,
  FrameDecoder,
  FrameFault,
  LOG_RECORD_BYTES_MAX,
  type RuntimeFrame,
} from './frames.ts';

test('frames are found however the bytes are cut', () => {
  const random = new SeededRandom(1);
  const sent: RuntimeFrame[] = [];
  const stream = Buffer.concat(
    Array.from({ length: 400 }, (_, index) => {
      const frame = randomFrame(random, index);
      sent.push(frame);
      return encode(frame);
    }),
  );
  const decoder = new FrameDecoder();
  const found: RuntimeFrame[] = [];
  for (let at = 0; at < stream.length; ) {
    const length = Math.floor(random.fraction() ** 3 * 5000) + 1;
    decoder.push(stream.subarray(at, at + length), frame => found.push(plain(frame)));
    at += length;
  }
  assert.deepEqual(joined(found), sent);
});

test('a part of a response is given as its bytes come, and not held', () => {
  const bytes = encode({ type: 'part', requestId: 'r', payload: Buffer.from('abcdef') });
  const decoder = new FrameDecoder();
  const found: string[] = [];
  for (const [from, to] of [
    [0, 9],
    [9, 10],
    [10, bytes.length],
  ])
    decoder.push(bytes.subarray(from, to), frame =>
      found.push('payload' in frame ? String(frame.payload) : ''),
    );
  assert.deepEqual(found, ['ab', 'c', 'def']);
});

test('no bytes make the decoder do anything but give frames or a fault', () => {
  for (let seed = 0; seed < 500; seed += 1) {
    const random = new SeededRandom(seed);
    const bytes = Buffer.concat(
      Array.from({ length: 5 }, (_, index) => {
        const frame = encode(randomFrame(random, index));
        const at = Math.floor(random.fraction() * frame.length);
        frame[at] = Math.floor(random.fraction() * 256);
        return frame;
      }),
    );
    const decoder = new FrameDecoder();
    try {
      for (let at = 0; at < bytes.length; at += 7) decoder.push(bytes.subarray(at, at + 7), () => {});
    } catch (error) {
      assert.ok(error instanceof FrameFault, `seed ${seed}: ${error}`);
    }
  }
});

test('a frame over the bound of its type is refused by its header alone', () => {
  const over: readonly [type: number, bytes: number][] = [
    [FRAME.next, 1],
    [FRAME.log, LOG_RECORD_BYTES_MAX + 1],
    [FRAME.response, AWS_QUOTAS.responseBytes + 257],
    [FRAME.initError, 0xffff_ffff],
    [FRAME.invoke, 0],
    [99, 0],
  ];
  for (const [type, bytes] of over) {
    const header = Buffer.alloc(5);
    header.writeUInt32BE(bytes);
    header[4] = type;
    assert.throws(() => new FrameDecoder().push(header, () => {}), FrameFault, `type ${type}`);
  }
});

test('a frame whose texts are longer than itself is refused', () => {
  for (const body of [[], [9, 65], [1, 65, 5], [1, 65, 0, 0]])
    for (const type of [FRAME.response, FRAME.error, FRAME.oversize, FRAME.initError]) {
      const bytes = frameOf(type, Buffer.from(body));
      const isWhole = (type === FRAME.response || type === FRAME.initError) && body[0] === 1;
      if (!isWhole && !(type === FRAME.error && body.length === 4))
        assert.throws(() => new FrameDecoder().push(bytes, () => {}), FrameFault, `${type}: ${body}`);
    }
});

test('an event leaves in one piece when it is small, and uncopied when it is large', () => {
  const event = { requestId: 'r', deadlineEpochMs: 5, invokedFunctionArn: 'arn', tenantId: 'tenant' };
  const [small, ...none] = encodeInvoke({ ...event, payload: Buffer.from('{"ü":1}') }, false);
  assert.equal(none.length, 0);
  const bytes = Buffer.from(small ?? []);
  assert.equal(bytes.readUInt32BE(0), bytes.length - 5);
  assert.equal(bytes[4], FRAME.invoke);
  const headEnd = 9 + bytes.readUInt32BE(5);
  assert.deepEqual(JSON.parse(bytes.toString('utf8', 9, headEnd)), {
    requestId: 'r',
    deadlineMs: 5,
    arn: 'arn',
    tenantId: 'tenant',
  });
  assert.equal(bytes.toString('utf8', headEnd), '{"ü":1}');
  const payload = Buffer.alloc(100_000);
  assert.equal(encodeInvoke({ ...event, payload }, false)[1], payload);
});

/** With what was given of one part in several. */
function joined(frames: readonly RuntimeFrame[]): readonly RuntimeFrame[] {
  const whole: RuntimeFrame[] = [];
  for (const frame of frames) {
    const last = whole.at(-1);
    if (frame.type === 'part' && last?.type === 'part' && last.requestId === frame.requestId) {
      const payload = Buffer.concat([last.payload, frame.payload]);
      whole[whole.length - 1] = { ...last, payload };
    } else whole.push(frame);
  }
  return whole;
}

function randomFrame(random: SeededRandom, index: number): RuntimeFrame {
  const bytes = Buffer.from(random.bytes(Math.floor(random.fraction() ** 4 * 9000)));
  const text = bytes.toString('latin1');
  const requestId = random.uuid();
  switch (index % 11) {
    case 0:
      return { type: 'next' };
    case 1:
      return { type: 'response', requestId, payload: bytes };
    case 2:
      return { type: 'error', requestId, errorType: 'Füll', payload: bytes };
    case 3:
      return { type: 'oversize', requestId, bytes: Math.floor(random.fraction() * 2 ** 32) };
    case 4:
      return { type: 'initError', errorType: '', payload: bytes };
    case 5:
      return { type: 'begin', requestId, contentType: 'text/plain' };
    case 6:
      return { type: 'part', requestId, payload: bytes };
    case 7:
      return { type: 'restoreError', errorType: 'Füll', payload: bytes };
    case 8:
      return { type: 'held' };
    case 9:
      return { type: 'compiled', path: 'a/ü', content: bytes };
    default:
      return { type: 'log', record: text };
  }
}

function encode(frame: RuntimeFrame): Buffer {
  switch (frame.type) {
    case 'next':
      return frameOf(FRAME.next);
    case 'response':
      return frameOf(FRAME.response, short(frame.requestId), frame.payload);
    case 'error':
      return frameOf(FRAME.error, short(frame.requestId), short(frame.errorType), frame.payload);
    case 'oversize': {
      const size = Buffer.alloc(4);
      size.writeUInt32BE(frame.bytes);
      return frameOf(FRAME.oversize, short(frame.requestId), size);
    }
    case 'begin':
      return frameOf(FRAME.begin, short(frame.requestId), Buffer.from(frame.contentType));
    case 'part':
      return frameOf(FRAME.part, short(frame.requestId), frame.payload);
    case 'compiled': {
      const path = Buffer.from(frame.path);
      return frameOf(FRAME.compiled, Buffer.from([0, path.length]), path, frame.content);
    }
    case 'held':
      return frameOf(FRAME.held);
    case 'initError':
    case 'restoreError':
      return frameOf(FRAME[frame.type], short(frame.errorType), frame.payload);
    case 'log':
      return frameOf(FRAME.log, Buffer.from(frame.record));
  }
}

function frameOf(type: number, ...parts: Uint8Array[]): Buffer {
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(5);
  header.writeUInt32BE(body.length);
  header[4] = type;
  return Buffer.concat([header, body]);
}

function short(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}

/** With payloads that compare by value, whatever slab they came from. */
function plain(frame: RuntimeFrame): RuntimeFrame {
  return 'payload' in frame ? { ...frame, payload: Buffer.from(frame.payload) } : frame;
}
