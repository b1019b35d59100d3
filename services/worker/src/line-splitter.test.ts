import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LINE_BYTES_MAX, LineSplitter } from './line-splitter.ts';

function split(...chunks: string[]): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter(line => lines.push(line));
  for (const chunk of chunks) splitter.push(Buffer.from(chunk));
  splitter.flush();
  return lines;
}

test('lines come out whole however they arrive', () => {
  assert.deepEqual(split('one\ntw', 'o\n\nthree'), ['one', 'two', '', 'three']);
});

test('carriage returns and colours are left as they are', () => {
  assert.deepEqual(split('a\r\n\u001b[31mred\u001b[0m\n'), ['a\r', '\u001b[31mred\u001b[0m']);
});

test('a character cut in two by the pipe is whole again', () => {
  const lines: string[] = [];
  const splitter = new LineSplitter(line => lines.push(line));
  for (const byte of Buffer.from('grüße\n')) splitter.push(Buffer.of(byte));
  assert.deepEqual(lines, ['grüße']);
});

test('a line without an end is cut at the bound', () => {
  const lines = split('x'.repeat(LINE_BYTES_MAX - 1), 'x'.repeat(LINE_BYTES_MAX), 'y\n');
  assert.deepEqual(
    lines.map(line => line.length),
    [LINE_BYTES_MAX, LINE_BYTES_MAX],
  );
});

test('nothing held is nothing flushed', () => {
  assert.deepEqual(split('done\n'), ['done']);
});
