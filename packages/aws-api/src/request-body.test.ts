import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { RawConnection } from './testing/raw-connection.ts';
import { serve } from './testing/served-lambda.ts';

const LIMIT = 6_291_456;
const TARGET = '/2015-03-31/functions/hello/invocations';
const head = (...lines: string[]) =>
  [`POST ${TARGET} HTTP/1.1`, 'Host: localhost', ...lines, '', ''].join('\r\n');

/** Counts what reaches the handler: nothing of a refused body may. */
function counting() {
  const bodies: number[] = [];
  const handlers = {
    Invoke: async ({ Payload }: { Payload?: Uint8Array | undefined }) => {
      bodies.push(Payload?.length ?? 0);
      return { StatusCode: 200 };
    },
  };
  return { bodies, handlers };
}

test('a body of the largest size is taken, and one more byte is refused with the text of AWS', async () => {
  const { bodies, handlers } = counting();
  await using served = await serve(handlers);
  const send = (size: number) => fetch(served.url + TARGET, { method: 'POST', body: Buffer.alloc(size) });
  assert.equal((await send(LIMIT)).status, 200);
  const refused = await send(LIMIT + 1);
  assert.equal(refused.status, 413);
  assert.equal(refused.headers.get('connection'), 'close');
  assert.equal(refused.headers.get('x-amzn-errortype'), 'RequestEntityTooLargeException');
  assert.deepEqual(await refused.json(), {
    Message: `Request must be smaller than ${LIMIT} bytes for the InvokeFunction operation`,
  });
  const created = await fetch(`${served.url}/2015-03-31/functions`, { method: 'POST', body: '{}' });
  assert.equal(created.status, 501);
  assert.deepEqual(bodies, [LIMIT]);
});

test('the limit on the creation of a function is the one that AWS names', async () => {
  await using served = await serve({ CreateFunction: async () => ({}) });
  await using connection = await RawConnection.open(served.port);
  connection.write(
    'POST /2015-03-31/functions HTTP/1.1\r\nHost: localhost\r\nContent-Length: 70167212\r\n\r\n',
  );
  const answer = await connection.answer();
  assert.match(answer, /^HTTP\/1.1 413 /);
  assert.match(answer, /Request must be smaller than 70167211 bytes for the CreateFunction operation/);
});

test('a chunked body that grows past the limit is refused while it comes, and the connection closed', async () => {
  const { bodies, handlers } = counting();
  await using served = await serve(handlers);
  await using connection = await RawConnection.open(served.port);
  connection.write(head('Transfer-Encoding: chunked'));
  const chunk = `100000\r\n${'x'.repeat(0x10_00_00)}\r\n`;
  for (let sent = 0; sent <= LIMIT; sent += 0x10_00_00) connection.write(chunk);
  assert.match(await connection.answer(), /^HTTP\/1.1 413 /);
  connection.write('0\r\n\r\n');
  await connection.closed;
  assert.deepEqual(bodies, []);
});

test('a body that stops half-way is given up when its time is over', async () => {
  const { bodies, handlers } = counting();
  const clock = new SimulatedClock();
  await using served = await serve(handlers, { clock, bodyTimeoutMs: 1_000 });
  await using connection = await RawConnection.open(served.port);
  connection.write(`${head('Content-Length: 10')}half`);
  await until(() => clock.pendingTimers === 1);
  await clock.advance(1_000);
  assert.match(await connection.answer(), /^HTTP\/1.1 408 .*x-amzn-ErrorType: RequestTimeoutException/s);
  await clock.advance(5_000);
  await connection.closed;
  assert.equal(clock.pendingTimers, 0);
  assert.deepEqual(bodies, []);
});

test('a client that breaks off in the middle of its body leaves nothing behind', async () => {
  const { bodies, handlers } = counting();
  const clock = new SimulatedClock();
  await using served = await serve(handlers, { clock });
  const connection = await RawConnection.open(served.port);
  connection.write(`${head('Content-Length: 10')}half`);
  await until(() => clock.pendingTimers === 1);
  await connection[Symbol.asyncDispose]();
  await until(() => served.requests.length === 1);
  assert.equal(clock.pendingTimers, 0);
  assert.deepEqual(bodies, []);
  assert.deepEqual(served.errors, []);
});

test('what is sent beyond the length that was announced never reaches the handler', async () => {
  const { bodies, handlers } = counting();
  await using served = await serve(handlers);
  await using connection = await RawConnection.open(served.port);
  connection.write(`${head('Content-Length: 4')}fourandmore`);
  await connection.closed;
  assert.match(connection.received, /HTTP\/1.1 400 /);
  assert.ok(bodies.every(length => length === 4));
});

test('bodies share a bounded room, which is given back with each answer', async () => {
  const { bodies, handlers } = counting();
  await using served = await serve(handlers, { bodiesBytesMax: 100 });
  const send = (size: number) => fetch(served.url + TARGET, { method: 'POST', body: Buffer.alloc(size) });
  for (let i = 0; i < 3; i += 1) {
    assert.equal((await send(100)).status, 200);
    assert.equal((await send(101)).status, 503);
  }
  assert.deepEqual(bodies, [100, 100, 100]);
});

/** One turn of the event loop at a time, until it is so. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve));
}
