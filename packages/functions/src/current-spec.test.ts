import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entry } from '@lambent/registry';
import { isCurrentSpec } from './current-spec.ts';
import { environmentSpecOf } from './environment-spec.ts';
import { published, withLatest } from './function-changes.ts';
import { functionKey, versionKey } from './function-keys.ts';
import type { FunctionRecord } from './function-record.ts';
import { ACCOUNT, sample, stamp } from './sample-function.ts';
import { encodeRecord } from './stored-record.ts';
import type { VersionRecord } from './version-record.ts';

function registryWith(record?: FunctionRecord, version?: VersionRecord) {
  const values = new Map<string, Uint8Array>();
  if (record) values.set(functionKey(ACCOUNT, record.name), encodeRecord(record));
  if (record && version) values.set(versionKey(record.id, version.version), encodeRecord(version));
  return {
    get: async (key: string): Promise<Entry | undefined> => {
      const value = values.get(key);
      return value && { key, value, createRevision: 1, modRevision: 1 };
    },
  };
}

test('$LATEST is current until it is changed, deleted or made again', async () => {
  const record = sample('hello');
  const spec = environmentSpecOf(record, record.latest, 'us-east-1');
  assert.equal(await isCurrentSpec(registryWith(record), spec), true);
  assert.equal(await isCurrentSpec(registryWith(withLatest(record, {}, stamp())), spec), false);
  assert.equal(await isCurrentSpec(registryWith(), spec), false);
  assert.equal(await isCurrentSpec(registryWith(sample('hello')), spec), false);
});

test('a published version is current as long as it is there', async () => {
  const { record, version } = published(sample('hello'), { versionRevisionId: 'v' }, stamp());
  const spec = environmentSpecOf(record, version, 'us-east-1');
  assert.equal(await isCurrentSpec(registryWith(record, version), spec), true);
  assert.equal(await isCurrentSpec(registryWith(record), spec), false);
});
