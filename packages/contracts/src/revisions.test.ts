import assert from 'node:assert/strict';
import { test } from 'node:test';
import { create } from '@bufbuild/protobuf';
import { EnvironmentKeySchema } from '../gen/lambent/v1/environment_pb.ts';
import { Revisions } from './revisions.ts';

const key = (revision: bigint, version = '$LATEST', tenantId = '') =>
  create(EnvironmentKeySchema, { functionId: 'f', version, revision, tenantId });

test('a revision older than the newest asked for is stale, for every tenant', () => {
  const revisions = new Revisions();
  assert.equal(revisions.isStale(key(1n)), false);
  assert.equal(revisions.observe(key(2n)), 'newer');
  assert.equal(revisions.observe(key(2n)), 'current');
  assert.equal(revisions.observe(key(1n)), 'stale');
  assert.equal(revisions.isStale(key(1n, '$LATEST', 'tenant')), true);
  assert.equal(revisions.isStale(key(3n)), false);
});

test('versions grow old independently', () => {
  const revisions = new Revisions();
  revisions.observe(key(5n));
  assert.equal(revisions.observe(key(1n, '7')), 'newer');
});
