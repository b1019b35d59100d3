import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeBatch, encodeBatch } from './log-batch.ts';
import { encodeRecord } from './log-segment.ts';

const RECORD = { timestampMs: 1, stream: 's', message: 'line one\nline two "quoted" ä' };

test('a batch is read as it was written', () => {
  const body = encodeBatch({ writer: 'w.1', first: 5 }, [encodeRecord(RECORD), encodeRecord(RECORD)]);
  assert.deepEqual(decodeBatch(body), { writer: 'w.1', first: 5, records: [RECORD, RECORD] });
});

test('a record that cannot be read keeps its place', () => {
  const body = encodeBatch({ writer: 'w.1', first: 0 }, ['?\n', encodeRecord(RECORD)]);
  assert.deepEqual(decodeBatch(body)?.records, [undefined, RECORD]);
});

test('what no Lambent wrote is no batch', () => {
  for (const body of ['', 'text', 'text\n', 'null\n', '{}\n', '[1,2]\n'])
    assert.equal(decodeBatch(Buffer.from(body)), undefined);
});
