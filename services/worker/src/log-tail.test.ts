import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUOTAS } from '@lambent/core';
import { LogTail } from './log-tail.ts';

test('a short log is kept whole, each record with its line end', () => {
  const tail = new LogTail();
  tail.push('START');
  tail.push('END');
  assert.equal(Buffer.from(tail.bytes()).toString(), 'START\nEND\n');
});

test('of a long log exactly the last 4,096 bytes are kept', () => {
  const tail = new LogTail();
  let all = '';
  for (let record = 0; record < 5_000; record += 1) {
    tail.push(`record ${record}`);
    all += `record ${record}\n`;
  }
  assert.equal(Buffer.from(tail.bytes()).toString(), all.slice(-QUOTAS.logTailBytes));
  const long = new LogTail();
  long.push('x'.repeat(100_000));
  assert.equal(long.bytes().length, QUOTAS.logTailBytes);
});

test('nothing logged is no bytes', () => {
  assert.equal(new LogTail().bytes().length, 0);
});
