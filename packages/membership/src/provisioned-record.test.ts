import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisionedKey, provisionedPrefix, provisionedStandingKey } from './cluster-keys.ts';
import {
  decodeProvisioned,
  decodeProvisionedStanding,
  type ProvisionedRecord,
} from './provisioned-record.ts';
import { encodeRecord } from './record-codec.ts';

const RECORD: ProvisionedRecord = {
  requestId: 'r',
  functionId: 'f',
  accountId: '000000000000',
  functionName: 'n',
  region: 'us-east-1',
  qualifier: 'live',
  requested: 5,
  version: '2',
  previousVersion: '1',
  lastModifiedMs: 1,
};

test('what was asked for comes back whole, and half of it not at all', () => {
  assert.deepEqual(decodeProvisioned({ value: encodeRecord(RECORD) }), RECORD);
  const { requested: _, ...half } = RECORD;
  assert.equal(decodeProvisioned({ value: encodeRecord(half) }), undefined);
});

test('what became of it comes back whole', () => {
  const standing = { requestId: 'r', status: 'READY', allocated: 5, available: 4 };
  assert.deepEqual(decodeProvisionedStanding({ value: encodeRecord(standing) }), standing);
  assert.equal(decodeProvisionedStanding({ value: encodeRecord(RECORD) }), undefined);
});

test('a function has its own range, in which no other one is', () => {
  assert.ok(provisionedKey('f', 'live').startsWith(provisionedPrefix('f')));
  assert.ok(!provisionedKey('f/1', 'live').startsWith(provisionedPrefix('f')));
  assert.ok(!provisionedStandingKey('f', 'live').startsWith(provisionedPrefix('f')));
});
