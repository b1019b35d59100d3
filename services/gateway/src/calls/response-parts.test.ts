import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseParts } from './response-parts.ts';

const bytes = (text: string): Uint8Array => Buffer.from(text);

async function readAll(parts: ResponseParts): Promise<string> {
  let text = '';
  for await (const part of parts) text += Buffer.from(part).toString();
  return text;
}

test('parts are read in order, as they come and after the end', async () => {
  const parts = new ResponseParts();
  void parts.part(bytes('a'));
  const read = readAll(parts);
  await Promise.resolve();
  void parts.part(bytes('b'));
  void parts.part(bytes('c'));
  parts.end();
  assert.equal(await read, 'abc');
});

test('a part is taken once its reader comes for the next one', async () => {
  const parts = new ResponseParts();
  let taken = false;
  const writing = parts.part(bytes('a'))?.then(() => {
    taken = true;
  });
  const reader = parts[Symbol.asyncIterator]();
  await reader.next();
  assert.equal(taken, false);
  const end = reader.next();
  await writing;
  parts.end();
  assert.deepEqual(await end, { done: true, value: undefined });
});

test('a reader who goes away takes everything', async () => {
  const parts = new ResponseParts();
  const first = parts.part(bytes('a'));
  const second = parts.part(bytes('b'));
  for await (const _part of parts) break;
  await Promise.all([first, second]);
  assert.equal(parts.part(bytes('c')), undefined);
});

test('a reader that waits is told when its caller has gone', async () => {
  const parts = new ResponseParts();
  const read = readAll(parts);
  await Promise.resolve();
  parts.abandon();
  assert.equal(await read, '');
});
