import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { AwsEndpoint } from './aws-endpoint.ts';

async function listen(onConnection: (socket: Socket) => void = () => undefined): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, onConnection).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const portOf = (server: Server) => (server.address() as AddressInfo).port;

test('a connection is carried both ways and ends on both sides', async () => {
  const gateway = await listen(socket => {
    socket.once('data', data => socket.end(`heard ${data}`));
  });
  const doorway = await listen();
  using _endpoint = new AwsEndpoint(doorway, { host: '127.0.0.1', port: portOf(gateway) });
  const client = connect(portOf(doorway), '127.0.0.1');
  client.write('hello');
  assert.equal(await text(client), 'heard hello');
  gateway.close();
  await once(gateway, 'close');
});

test('where nobody listens the connection is closed', async () => {
  const gone = await listen();
  const port = portOf(gone);
  gone.close();
  const doorway = await listen();
  using _endpoint = new AwsEndpoint(doorway, { host: '127.0.0.1', port });
  const client = connect(portOf(doorway), '127.0.0.1');
  client.on('error', () => undefined);
  await once(client, 'close');
});

test('disposing of it ends every connection on both sides', async () => {
  const { promise: met, resolve } = Promise.withResolvers<Socket>();
  const gateway = await listen(resolve);
  const doorway = await listen();
  const endpoint = new AwsEndpoint(doorway, { host: '127.0.0.1', port: portOf(gateway) });
  const client = connect(portOf(doorway), '127.0.0.1');
  const outside = await met;
  for (const socket of [client, outside]) socket.on('error', () => undefined).resume();
  const closed = Promise.all([once(client, 'close'), once(outside, 'end').then(() => outside.destroy())]);
  endpoint[Symbol.dispose]();
  await closed;
  gateway.close();
  await once(gateway, 'close');
});

test('a function that opens too many connections is refused the next', async () => {
  const gateway = await listen(socket => socket.on('error', () => undefined).resume());
  const doorway = await listen();
  using endpoint = new AwsEndpoint(doorway, { host: '127.0.0.1', port: portOf(gateway) });
  const clients = Array.from({ length: 129 }, () => connect(portOf(doorway), '127.0.0.1'));
  const closed = clients.map(client => once(client.on('error', () => undefined).resume(), 'close'));
  await Promise.race(closed);
  endpoint[Symbol.dispose]();
  await Promise.all(closed);
  gateway.close();
});
