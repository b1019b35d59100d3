import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { LogReader, LogRefusal } from './log-reader.ts';
import { openTerminal } from './terminal.ts';

const line = (timestampMs: number, message: string) =>
  `${JSON.stringify({ group: 'g', stream: 's', timestampMs, message })}\n`;

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, [Symbol.asyncDispose]: () => new Promise<void>(resolve => server.close(() => resolve())) };
}

function following() {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const terminal = openTerminal({ stdout, stderr: new PassThrough() });
  const reader = new LogReader({ name: 'f', follow: true, sinceMs: undefined, limit: 5, terminal });
  return {
    reader,
    messages: () => [...String(stdout.read()).matchAll(/ {2}(\w+)$/gm)].map(([, text]) => text),
  };
}

test('what one gateway broke off goes on at another, with nothing lost and nothing twice', async () => {
  const { reader, messages } = following();
  const asked: URLSearchParams[] = [];
  await using first = await serve(({ url }, response) => {
    if (url?.includes('limit=1')) return response.end();
    response.write(
      line(9_000, 'one') + line(9_001, 'same') + line(9_001, 'same') + line(9_002, 'cut').slice(0, 9),
    );
    return setImmediate(() => response.destroy());
  });
  await using second = await serve(({ url }, response) => {
    asked.push(new URL(url ?? '', 'http://x').searchParams);
    const again = line(9_000, 'one') + line(8_999, 'late') + line(9_001, 'same') + line(9_001, 'same');
    response.end(again + line(9_001, 'same') + line(9_002, 'cut'));
  });
  await assert.rejects(reader.read(first.url));
  await reader.read(second.url);
  assert.deepEqual(messages(), ['one', 'same', 'same', 'late', 'same', 'cut']);
  assert.deepEqual(asked.map(String), ['function=f&follow=true&sinceMs=7001']);
});

test('what is refused is told', async () => {
  const { reader } = following();
  await using gateway = await serve((_request, response) => response.writeHead(503).end('not ready'));
  const told = new LogRefusal(`${gateway.url} answered 503: not ready`, 1);
  await assert.rejects(reader.read(gateway.url), told);
});
