import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { TcpProxy } from './tcp-proxy.ts';
import { waitFor } from './wait-for.ts';

/** A server that answers each byte with the same, and what it has heard. */
async function openEcho() {
  const heard: string[] = [];
  const server = createServer(socket => {
    socket.on('data', bytes => {
      heard.push(bytes.toString());
      socket.write(bytes);
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    heard,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function dial(proxy: TcpProxy): Promise<{ socket: Socket; answers: string[] }> {
  const answers: string[] = [];
  const socket = connect(proxy.port, '127.0.0.1').setEncoding('utf8');
  socket.on('data', (text: string) => answers.push(text));
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, answers };
}

test('bytes pass both ways', async () => {
  await using echo = await openEcho();
  await using proxy = await TcpProxy.open(echo.url);
  const { socket, answers } = await dial(proxy);
  socket.write('a');
  await waitFor('the answer', () => answers.join('') === 'a');
  socket.end();
  await waitFor('the end', () => socket.closed);
});

test('answers that are held come when they may', async () => {
  await using echo = await openEcho();
  const { heard } = echo;
  await using proxy = await TcpProxy.open(echo.url);
  const { socket, answers } = await dial(proxy);
  proxy.mode = 'hold-answers';
  socket.write('a');
  await waitFor('the server to hear', () => heard.join('') === 'a');
  assert.deepEqual(answers, []);
  proxy.mode = 'hold';
  socket.write('b');
  proxy.mode = 'pass';
  await waitFor('both answers', () => answers.join('') === 'ab');
  socket.destroy();
});

test('who is refused is cut off, and let in again later', async () => {
  await using echo = await openEcho();
  await using proxy = await TcpProxy.open(echo.url);
  const { socket } = await dial(proxy);
  proxy.mode = 'refuse';
  await waitFor('the cut', () => socket.closed);
  const refused = connect(proxy.port, '127.0.0.1').on('error', () => {});
  await waitFor('the refusal', () => refused.closed);
  proxy.mode = 'pass';
  const { socket: again, answers } = await dial(proxy);
  again.write('c');
  await waitFor('the answer', () => answers.join('') === 'c');
  again.destroy();
});
