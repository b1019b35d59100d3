import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request as connect, createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';

/**
 * The floor below a streamed response: a server that writes as many bytes as its path asks for, in chunks, and a proxy
 * of a process of its own before it, which passes them on as they come. Prints the proxy's port.
 */
const CHUNK = Buffer.alloc(64 * 1024, 'x');

if (process.argv[2] === 'source') {
  const port = await listen((request, response) => {
    Readable.from(chunksOf(Number(request.url?.slice(1)))).pipe(response);
  });
  process.send?.(port);
} else {
  const source = fork(import.meta.filename, ['source']);
  const [port] = await once(source, 'message');
  const agent = new Agent({ keepAlive: true });
  const own = await listen((request, response) => {
    const passed = connect({ port: Number(port), host: '127.0.0.1', path: request.url, agent });
    passed.once('response', answer => answer.pipe(response));
    passed.end();
  });
  process.stdout.write(`${own}\n`);
}
process.once('disconnect', () => process.exit());

function* chunksOf(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= CHUNK.length) yield CHUNK.subarray(0, left);
}

async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
