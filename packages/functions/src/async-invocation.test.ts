import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { type AsyncInvocation, decodeAsyncInvocation, encodeAsyncInvocation } from './async-invocation.ts';

const INVOCATION: AsyncInvocation = {
  requestId: 'r',
  functionId: 'f',
  name: 'hello',
  qualifier: '7',
  invokedArn: 'arn:aws:lambda:us-east-1:000000000000:function:hello:7',
  attempt: 1,
  firstAcceptedAtMs: 1_700_000_000_000,
  traceHeader: 'Root=1-65531b00-000000000000000000000001',
  clientContext: '{"custom":"ä\\n"}',
  tenantId: ' blue ',
  payload: Buffer.from('{"a":1}'),
};

test('an asynchronous invocation comes off the queue as it went on', () => {
  const message = encodeAsyncInvocation(INVOCATION);
  assert.equal(message.id, 'r');
  assert.deepEqual(decodeAsyncInvocation(message), INVOCATION);
});

test('members that were not given stay away', () => {
  const { qualifier: _, traceHeader: __, clientContext: ___, tenantId: ____, ...bare } = INVOCATION;
  assert.deepEqual(decodeAsyncInvocation(encodeAsyncInvocation(bare)), bare);
});

test('headers hold nothing that a header may not, whatever the client context holds', () => {
  for (const value of Object.values(encodeAsyncInvocation(INVOCATION).headers))
    assert.match(value, /^[ -~]*$/);
});

test('a retry has an id of its own and the same request id', () => {
  const message = encodeAsyncInvocation({ ...INVOCATION, attempt: 2 });
  assert.equal(message.id, 'r/2');
  assert.equal(decodeAsyncInvocation(message).requestId, 'r');
});

test('a message that no gateway wrote is refused', () => {
  const { headers, ...rest } = encodeAsyncInvocation(INVOCATION);
  const { 'function-id': _, ...short } = headers;
  for (const wrong of [short, { ...headers, attempt: 'x' }]) {
    assert.throws(
      () => decodeAsyncInvocation({ ...rest, headers: wrong }),
      error => isFailure(error, 'record-unreadable'),
    );
  }
});
