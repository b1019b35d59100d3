import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AWS_QUOTAS, isFailure } from '@lambent/core';
import { readConfig } from '@lambent/daemon';
import { WORKER_FIELDS } from './config.ts';
import { checkQuotas } from './worker-quotas.ts';

const config = readConfig(WORKER_FIELDS, {});

test('a worker takes the limits that it can keep', () => {
  assert.equal(checkQuotas({ config }), AWS_QUOTAS);
  const quotas = { ...AWS_QUOTAS, timeoutSeconds: 901, codeUnzippedBytes: 300_000_000 };
  assert.equal(checkQuotas({ config, quotas }), quotas);
});

test('functions that run longer than grants hold, or packages that find no room, are a mistake of the settings', () => {
  const wrong = (quotas: object, variable: string) =>
    assert.throws(
      () => checkQuotas({ config, quotas: { ...AWS_QUOTAS, ...quotas } }),
      error => isFailure(error, 'config-invalid') && error.fields['name'] === variable,
    );
  wrong({ timeoutSeconds: 960 }, 'LAMBENT_GRANTS_TERM_MS');
  wrong({ responseBytes: config.keptResultBytes + 1 }, 'LAMBENT_WORKER_KEPT_RESULT_BYTES');
  wrong({ codeUnzippedBytes: config.codeCacheBytes }, 'LAMBENT_WORKER_CODE_CACHE_BYTES');
});
