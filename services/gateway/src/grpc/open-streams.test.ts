import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { createServer } from 'node:net';
import { suite, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import { SimulatedClock } from '@lambent/core';
import { waitFor } from '@lambent/testing';
import { HealthImplementation } from 'grpc-health-check';
import { openHealthClient } from './open-health-client.ts';
import { OpenStreams } from './open-streams.ts';

/** A server of health, where watching is what does not end by itself. */
async function openServer(max: number) {
  const clock = new SimulatedClock();
  const streams = new OpenStreams({ max, clock, endsByItself: path => path.endsWith('/Check') });
  const server = new Server({ interceptors: [streams.interceptor] });
  new HealthImplementation({ '': 'SERVING' }).addToServer(server);
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer(socket => injector.injectConnection(socket)).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const bound = listener.address();
  assert.ok(typeof bound === 'object' && bound);
  return {
    clock,
    streams,
    address: `127.0.0.1:${bound.port}`,
    [Symbol.dispose]() {
      server.forceShutdown();
      listener.close();
    },
  };
}

/** Opens a stream whose request never ends. */
const request = (session: ReturnType<typeof connect>) =>
  session
    .request({
      ':method': 'POST',
      ':path': '/grpc.health.v1.Health/Check',
      'content-type': 'application/grpc',
      te: 'trailers',
    })
    .on('error', () => {});

suite('Open streams', () => {
  test('are bounded, and one that has ended makes room', async () => {
    using server = await openServer(1);
    using client = openHealthClient(server.address);
    const watch = client.watch('').on('error', () => {});
    await once(watch, 'data');
    await assert.rejects(client.check(''), { code: status.RESOURCE_EXHAUSTED, details: 'Rate Exceeded.' });
    watch.cancel();
    await waitFor('room', () => server.streams.size === 0);
    assert.equal(await client.check(''), 'SERVING');
  });

  test('that would not end are ended when asked, the others are left', async () => {
    using server = await openServer(9);
    using client = openHealthClient(server.address);
    const session = connect(`http://${server.address}`);
    request(session);
    const watch = client.watch('');
    await once(watch, 'data');
    await waitFor('both', () => server.streams.size === 2);
    server.streams.endWatches();
    const [error] = await once(watch, 'error');
    assert.equal(error.code, status.UNAVAILABLE);
    await waitFor('the one that is left', () => server.streams.size === 1);
    session.destroy();
    await waitFor('none', () => server.streams.size === 0);
  });

  test('whose request does not arrive in time are ended', async () => {
    using server = await openServer(9);
    const session = connect(`http://${server.address}`);
    const stream = request(session);
    await waitFor('it', () => server.streams.size === 1);
    const answered = once(stream, 'response');
    await server.clock.advance(300_001);
    const [headers] = await answered;
    assert.equal(headers['grpc-status'], String(status.DEADLINE_EXCEEDED));
    await waitFor('none', () => server.streams.size === 0);
    session.destroy();
  });

  test('that are taken back as soon as they are opened leave nothing', async () => {
    using server = await openServer(1_000);
    const session = connect(`http://${server.address}`);
    for (let round = 0; round < 20; round++) {
      for (let n = 0; n < 50; n++) request(session).close(constants.NGHTTP2_CANCEL);
      await setImmediate();
    }
    using client = openHealthClient(server.address);
    await waitFor('none', async () => (await client.check('')) === 'SERVING' && server.streams.size <= 1);
    session.destroy();
    await waitFor('none', () => server.streams.size === 0);
  });
});
