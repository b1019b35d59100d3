import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { PART_BYTES } from './grpc-options.ts';
import { assemble, partsOf, pour } from './grpc-parts.ts';
import { MESSAGE_BYTES_MAX } from './link.ts';

test('what was taken apart is put together again', async () => {
  for (const bytes of [0, 1, PART_BYTES, PART_BYTES + 1, 5 * PART_BYTES]) {
    const whole = Buffer.alloc(bytes, 'ab');
    const call = new EventEmitter();
    const assembled = assemble(call);
    for (const part of partsOf(whole)) call.emit('data', { part });
    call.emit('end');
    assert.ok((await assembled).equals(whole));
  }
});

test('a message of more than may be sent is refused while it arrives', async () => {
  const call = new EventEmitter();
  const assembled = assemble(call);
  call.emit('data', { part: Buffer.alloc(MESSAGE_BYTES_MAX) });
  call.emit('data', { part: Buffer.alloc(1) });
  await assert.rejects(assembled, error => isFailure(error, 'payload-too-large'));
});

test('a message that is cut off is not one', async () => {
  for (const event of ['cancelled', 'error']) {
    const call = new EventEmitter();
    const assembled = assemble(call);
    call.emit('data', { part: Buffer.alloc(1) });
    call.emit(event, new Error('cut off'));
    await assert.rejects(assembled);
  }
});

test('parts are written no faster than they are read', async () => {
  const written: unknown[] = [];
  let read: (() => void) | undefined;
  const slow = new Writable({
    objectMode: true,
    highWaterMark: 2,
    write: (part, _encoding, done) => {
      written.push(part);
      read = done;
    },
  });
  let taken = 0;
  const parts = Array.from({ length: 5 }, (_, index) => index);
  pour(
    parts.values().map(part => {
      taken++;
      return part;
    }),
    slow,
  );
  assert.equal(taken, 2);
  const finished = new Promise(resolve => slow.once('finish', resolve));
  while (!slow.writableFinished) {
    const next = read;
    read = undefined;
    next?.();
    await new Promise(setImmediate);
    assert.ok(taken <= written.length + 2, `${taken} taken, ${written.length} written`);
  }
  await finished;
  assert.deepEqual(written, parts);
});
