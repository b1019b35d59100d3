import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { waitFor } from '@lambent/testing';
import { Doorways } from './doorways.ts';
import { EARLY_SOCKETS_MAX } from './early-sockets.ts';

/** A doorway that is open and that nobody listens at yet. */
class OpenDoorway implements Disposable {
  readonly #doorways = new Doorways(['runtime-api']);
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.#doorways.open('runtime-api', server);
  }

  static async make(): Promise<OpenDoorway> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new OpenDoorway(server);
  }

  dial(word: string): Socket {
    const socket = connect((this.#server.address() as AddressInfo).port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(word);
    return socket;
  }

  /** Dials, and waits until every connection has been accepted. */
  async dialEarly(...words: string[]): Promise<Socket[]> {
    const expected = (await this.countConnections()) + words.length;
    const sockets = words.map(word => this.dial(word));
    await waitFor('the connections', async () => (await this.countConnections()) === expected);
    return sockets;
  }

  countConnections(): Promise<number> {
    return new Promise(resolve => this.#server.getConnections((_, count) => resolve(count)));
  }

  server(): Promise<Server> {
    return this.#doorways.get('runtime-api');
  }

  [Symbol.dispose](): void {
    this.#doorways[Symbol.dispose]();
  }
}

test('who connects before anybody listens at the doorway is served, in order, once somebody does', async () => {
  using doorway = await OpenDoorway.make();
  const early = await doorway.dialEarly('first', 'second');
  const server = await doorway.server();
  const heard: string[] = [];
  server.on('connection', socket => socket.on('data', data => socket.end(String(heard.push(String(data))))));
  assert.deepEqual(await Promise.all(early.map(socket => text(socket))), ['1', '2']);
  assert.deepEqual(heard, ['first', 'second']);
  assert.equal(await text(doorway.dial('late')), '3');
});

test('a request that came early is answered by who serves HTTP at the doorway', async () => {
  using doorway = await OpenDoorway.make();
  const [early] = await doorway.dialEarly('GET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  const http = createHttpServer((request, response) => response.end(`answer to ${request.url}`));
  (await doorway.server()).on('connection', socket => http.emit('connection', socket));
  assert.match(await text(early as Socket), /^HTTP\/1\.1 200 .*answer to \/next/s);
});

test('who resets its connection before anybody listens is forgotten, and ends nobody else', async () => {
  using doorway = await OpenDoorway.make();
  const [reset] = await doorway.dialEarly('reset');
  reset?.resetAndDestroy();
  await waitFor('the reset', async () => (await doorway.countConnections()) === 0);
  const [early] = await doorway.dialEarly('early');
  (await doorway.server()).on('connection', socket => socket.on('data', data => socket.end(data)));
  assert.equal(await text(early as Socket), 'early');
});

test('no more connections wait at a doorway than its bound, and none beyond its end', async () => {
  const doorway = await OpenDoorway.make();
  const waiting = await doorway.dialEarly(...Array.from({ length: EARLY_SOCKETS_MAX }, () => 'early'));
  await once(doorway.dial('too many').resume(), 'close');
  assert.equal(await doorway.countConnections(), EARLY_SOCKETS_MAX);
  const closed = waiting.map(socket => once(socket.resume(), 'close'));
  doorway[Symbol.dispose]();
  await Promise.all(closed);
});
