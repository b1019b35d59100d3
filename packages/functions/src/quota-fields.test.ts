import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AWS_QUOTAS, createRequestBytes } from '@lambent/core';
import { readConfig } from '@lambent/daemon';
import { QUOTA_FIELDS } from './quota-fields.ts';

test("limits are AWS's unless they are raised, and never lower", () => {
  assert.deepEqual(readConfig(QUOTA_FIELDS, {}), AWS_QUOTAS);
  assert.equal(readConfig(QUOTA_FIELDS, { LAMBENT_LIMIT_LAYERS: '6' }).layers, 6);
  assert.throws(() => readConfig(QUOTA_FIELDS, { LAMBENT_LIMIT_LAYERS: '4' }), /LAMBENT_LIMIT_LAYERS/);
});

test("a request with AWS's largest package is as large as AWS says", () => {
  assert.equal(createRequestBytes(AWS_QUOTAS), 70_167_211);
});
