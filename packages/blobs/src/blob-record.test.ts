import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFailure } from '@lambent/core';
import { decodeRecord, encodeRecord } from './blob-record.ts';

const AT = { digest: 'd', revision: 7 };

test('a record is read as it was written', () => {
  const record = { state: 'stored', bytes: 10, atMs: 1_700_000_000_000.5, generation: 3 } as const;
  assert.deepEqual(decodeRecord(encodeRecord(record), AT), { ...record, ...AT });
});

test('an announcement is its own generation', () => {
  const record = { state: 'incoming', bytes: 0, atMs: 1 } as const;
  assert.equal(decodeRecord(encodeRecord(record), AT).generation, 7);
});

test('what no Lambent wrote is record-unreadable', () => {
  for (const body of [
    '',
    'null',
    '[]',
    '{"state":"lost","bytes":1,"atMs":1}',
    '{"state":"stored","bytes":"1"}',
  ])
    assert.throws(
      () => decodeRecord(Buffer.from(body), AT),
      error => isFailure(error, 'record-unreadable'),
    );
});
