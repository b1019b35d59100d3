import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawConnection } from './testing/raw-connection.ts';
import { serve } from './testing/served-lambda.ts';

const POST = 'POST /2015-03-31/functions/f/invocations HTTP/1.1\r\nHost: x\r\n';
const GET = 'GET /2015-03-31/functions HTTP/1.1\r\n';

/** Requests that two readers could read in two ways, or that none should read. */
const MALFORMED: Readonly<Record<string, string>> = {
  'a length and chunks': `${POST}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
  'chunks and a length': `${POST}Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n`,
  'two lengths that differ': `${POST}Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd`,
  'two lengths that agree': `${POST}Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc`,
  'a list of lengths': `${POST}Content-Length: 3, 3\r\n\r\nabc`,
  'a signed length': `${POST}Content-Length: +3\r\n\r\nabc`,
  'a negative length': `${POST}Content-Length: -1\r\n\r\n`,
  'a hexadecimal length': `${POST}Content-Length: 0x3\r\n\r\nabc`,
  'a length beyond all numbers': `${POST}Content-Length: 99999999999999999999\r\n\r\n`,
  'an unknown transfer coding': `${POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
  'chunked not last': `${POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`,
  'a blank before a colon': `${POST}Content-Length : 3\r\n\r\nabc`,
  'a header without a name': `${POST}: value\r\n\r\n`,
  'a zero byte in a header': `${POST}X-A: a\u0000b\r\n\r\n`,
  'a bare carriage return': `${POST}X-A: a\rX-B: b\r\n\r\n`,
  'a continued line': `${POST}X-A: a\r\n b\r\n\r\n`,
  'a chunk size that is none': `${POST}Transfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n`,
  'a chunk longer than its size': `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n`,
  'no host': `${GET}\r\n`,
  'an unknown version': 'GET / HTTP/9.9\r\nHost: x\r\n\r\n',
  'an unknown method': 'FETCH / HTTP/1.1\r\nHost: x\r\n\r\n',
  'a line that is no request': 'hello\r\n\r\n',
  'a TLS greeting': '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003',
};

test('a request that could be read in two ways is answered with 400, and the connection closed', async t => {
  let calls = 0;
  await using served = await serve({
    Invoke: async () => {
      calls += 1;
      return { StatusCode: 200 };
    },
    ListFunctions: async () => ({}),
  });
  for (const [name, request] of Object.entries(MALFORMED))
    await t.test(name, async () => {
      await using connection = await RawConnection.open(served.port);
      connection.write(request);
      await connection.closed;
      assert.match(connection.received, /HTTP\/1.1 400 Bad Request\r\n(?!.*HTTP\/1.1 200)/s);
    });
  assert.equal(calls, 0);
  assert.deepEqual(served.errors, []);
});

test('headers beyond their bound are refused with 431', async () => {
  await using served = await serve({}, { limits: { headerBytes: 4_096 } });
  await using connection = await RawConnection.open(served.port);
  connection.write(`${GET}Host: x\r\nX-Long: ${'a'.repeat(8_192)}\r\n\r\n`);
  await connection.closed;
  assert.match(connection.received, /^HTTP\/1.1 431 /);
});

test('a head that does not come is given up', async () => {
  await using served = await serve(
    {},
    { limits: { headersTimeoutMs: 20, requestTimeoutMs: 40, checkIntervalMs: 10 } },
  );
  await using connection = await RawConnection.open(served.port);
  connection.write(`${GET}Host: x\r\nX-Slow:`);
  await connection.closed;
  assert.match(connection.received, /^HTTP\/1.1 408 /);
});

test('a connection is told to close after its share of requests, and further ones than allowed are dropped', async () => {
  await using served = await serve(
    { ListFunctions: async () => ({}) },
    { limits: { requestsPerConnection: 2, connections: 1 } },
  );
  await using first = await RawConnection.open(served.port);
  first.write(`${GET}Host: x\r\n\r\n`);
  assert.match(await first.answer(), /^HTTP\/1.1 200 .*Connection: keep-alive/s);
  const second = await RawConnection.open(served.port);
  await second.closed;
  assert.equal(second.received, '');
  first.write(`${GET}Host: x\r\n\r\n`);
  await first.until(received => received.includes('Connection: close'));
  assert.match(first.received, /HTTP\/1.1 200 .*HTTP\/1.1 200 .*Connection: close/s);
});

test('requests in a pipeline are answered in their order', async () => {
  await using served = await serve({ ListFunctions: async ({ Marker }) => ({ NextMarker: Marker }) });
  await using connection = await RawConnection.open(served.port);
  const get = (marker: number) => `GET /2015-03-31/functions?Marker=${marker} HTTP/1.1\r\nHost: x\r\n`;
  connection.write(`${get(1)}\r\n${get(2)}\r\n${get(3)}Connection: close\r\n\r\n`);
  await connection.closed;
  assert.deepEqual(
    connection.received.match(/"NextMarker":"\d"/g),
    [1, 2, 3].map(n => `"NextMarker":"${n}"`),
  );
});
