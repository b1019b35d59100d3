import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { SimulatedClock } from '@lambent/core';
import { OutputPipe } from './output-pipe.ts';

test('half a line becomes a record when it is asked for', async () => {
  const lines: string[] = [];
  const source = new PassThrough();
  const clock = new SimulatedClock();
  using pipe = new OutputPipe(source, { clock, line: line => lines.push(line) });
  source.write('whole\nhalf');
  await clock.advance(0);
  assert.deepEqual(lines, ['whole']);
  pipe.flush();
  assert.deepEqual(lines, ['whole', 'half']);
});

test('a flood is read a share at a time', async () => {
  let bytes = 0;
  const source = new PassThrough({ highWaterMark: 64 * 1024 * 1024 });
  const clock = new SimulatedClock();
  using _pipe = new OutputPipe(source, {
    clock,
    line: line => {
      bytes += line.length + 1;
    },
  });
  const chunk = `${'x'.repeat(99_999)}\n`;
  for (let written = 0; written < 40; written += 1) source.write(chunk);
  await clock.advance(0);
  assert.equal(bytes, 1_100_000);
  await clock.advance(100);
  assert.equal(bytes, 2_100_000);
  await clock.advance(1_000);
  assert.equal(bytes, 4_000_000);
});

test('a flood of empty lines is slowed down as well', async () => {
  let lines = 0;
  const source = new PassThrough({ highWaterMark: 1024 * 1024 });
  const clock = new SimulatedClock();
  using _pipe = new OutputPipe(source, {
    clock,
    line: () => {
      lines += 1;
    },
  });
  for (const chunk of ['\n'.repeat(65_536), 'after\n']) source.write(chunk);
  await clock.advance(0);
  assert.equal(lines, 65_536);
  await clock.advance(1_500);
  assert.equal(lines, 65_536);
  await clock.advance(100);
  assert.equal(lines, 65_537);
});

test('a pipe that breaks harms nobody, and disposing of one leaves no timer', () => {
  const source = new PassThrough();
  const clock = new SimulatedClock();
  const pipe = new OutputPipe(source, { clock, line: () => undefined });
  source.emit('error', new Error('EPIPE'));
  source.emit('data', Buffer.from('x\n'));
  pipe[Symbol.dispose]();
  assert.equal(clock.pendingTimers, 0);
});
