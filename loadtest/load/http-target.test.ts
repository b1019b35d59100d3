import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { startFloor } from '../floors/start-floor.ts';
import { openLambdaTarget } from './http-target.ts';
import { expectEcho } from './outcome.ts';
import { createSigner } from './signer.ts';

const event = new TextEncoder().encode('{"a":1}');

async function openServer(answer: RequestListener) {
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function open(origin: string, patienceMs = 10_000) {
  return openLambdaTarget({
    ...{ name: 'http', origin, event, judge: expectEcho(event), functionNames: ['f', 'g'] },
    ...{ connectionsMax: 2, patienceMs },
  });
}

describe('the AWS API as a target', () => {
  test('calls the copy that is asked for with the event', async () => {
    const paths: string[] = [];
    await using server = await openServer((request, response) => {
      paths.push(request.url ?? '');
      request.pipe(response);
    });
    await using target = open(server.origin);
    assert.deepEqual(await target.call(0), { kind: 'ok', cold: false });
    assert.deepEqual(await target.call(1), { kind: 'ok', cold: false });
    assert.deepEqual(paths, ['/2015-03-31/functions/f/invocations', '/2015-03-31/functions/g/invocations']);
  });

  test('tells throttling, a failed function, an error of the platform and a broken connection apart', async () => {
    const answers: [number, Record<string, string>, string][] = [
      [429, { 'x-amzn-errortype': 'TooManyRequestsException' }, '{}'],
      [200, { 'x-amz-function-error': 'Unhandled' }, '{"errorType":"Sandbox.Timedout"}'],
      [503, { 'x-amzn-errortype': 'ServiceUnavailableException' }, '{}'],
      [200, {}, 'else'],
    ];
    await using server = await openServer((_request, response) => {
      const answer = answers.shift();
      if (!answer) return void response.destroy();
      response.writeHead(answer[0], answer[1]).end(answer[2]);
    });
    await using target = open(server.origin);
    assert.deepEqual(await target.call(0), { kind: 'throttled' });
    assert.deepEqual(await target.call(0), { kind: 'failed', error: 'Sandbox.Timedout' });
    assert.deepEqual(await target.call(0), { kind: 'error', error: 'ServiceUnavailableException' });
    assert.deepEqual(await target.call(0), { kind: 'error', error: 'WrongAnswer' });
    assert.deepEqual(await target.call(0), { kind: 'error', error: 'UND_ERR_SOCKET' });
  });

  test('signs where that is wanted', async () => {
    let authorization: string | undefined;
    await using server = await openServer((request, response) => {
      authorization = request.headers.authorization;
      request.pipe(response);
    });
    const sign = createSigner({
      origin: server.origin,
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      region: 'eu-central-1',
    });
    await using target = openLambdaTarget({
      ...{ name: 'http', origin: server.origin, event, judge: expectEcho(event), functionNames: ['f'] },
      ...{ connectionsMax: 1, patienceMs: 10_000, sign },
    });
    assert.deepEqual(await target.call(0), { kind: 'ok', cold: false });
    assert.match(
      authorization ?? '',
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/lambda\/aws4_request/,
    );
  });

  test('a floor is started, gives events back, tells its CPU and ends', async () => {
    await using floor = await startFloor('http-echo', { event, connectionsMax: 1, patienceMs: 10_000 });
    assert.deepEqual(await floor.call(0), { kind: 'ok', cold: false });
    assert.ok((floor.cpuUs?.() ?? 0) > 0);
  });
});
