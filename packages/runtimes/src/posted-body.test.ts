import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { AWS_QUOTAS } from '@lambent/core';
import { collectBody } from './posted-body.ts';

test('a body in tiny pieces keeps none of them', async () => {
  const request = new PassThrough();
  const collected = collectBody(request, AWS_QUOTAS.responseBytes);
  // One piece of memory for every chunk: whoever keeps a chunk has its bytes change.
  const chunk = Buffer.alloc(1);
  const sent = Buffer.from(
    'a body in tiny pieces, more of them than any first guess of its size has room for',
  );
  for (const byte of sent) request.emit('data', chunk.fill(byte).subarray());
  request.end();
  const body = await collected;
  assert.ok(body.kind === 'whole');
  // The first byte is kept where it came from only until the second.
  assert.equal(Buffer.from(body.payload).subarray(1).toString(), sent.subarray(1).toString());
});

test('what is held of a body is never more than an answer may have', async () => {
  for (const over of [0, 1]) {
    const request = new PassThrough();
    const collected = collectBody(request, AWS_QUOTAS.responseBytes);
    const chunk = Buffer.alloc(100_000, 'x');
    for (let left = AWS_QUOTAS.responseBytes + over; left > 0; left -= chunk.length)
      request.write(chunk.subarray(0, left));
    request.end();
    const body = await collected;
    if (over > 0)
      assert.deepEqual(body, {
        kind: 'too-large',
        bytes: AWS_QUOTAS.responseBytes + 1,
        max: AWS_QUOTAS.responseBytes,
      });
    else assert.ok(body.kind === 'whole' && body.payload.buffer.byteLength === AWS_QUOTAS.responseBytes);
  }
});
