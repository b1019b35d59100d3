import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, isFailure } from '@lambent/core';
import { fromEtcdError, isLeaseGone, isOutage, wasNeverSent } from './from-etcd-error.ts';

const silence = new Error('4 DEADLINE_EXCEEDED: Deadline exceeded after 5.000s');
const refusal = new Error('14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED');
const drop = new Error('14 UNAVAILABLE: Connection dropped');
const noLease = new Error('5 NOT_FOUND: etcdserver: requested lease not found');
const mistake = new Error('3 INVALID_ARGUMENT: etcdserver: duplicate key given in txn request');

test('silence and trouble of one member are an outage, an answer is none', () => {
  assert.deepEqual([silence, refusal, drop, noLease, mistake].map(isOutage), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('only what had no connection was never sent', () => {
  assert.deepEqual([silence, refusal, drop].map(wasNeverSent), [false, true, false]);
});

test('a lease that is gone is known from its message', () => {
  assert.deepEqual([noLease, mistake].map(isLeaseGone), [true, false]);
});

test('what etcd throws becomes one error of the table, and one of the table stays what it is', () => {
  const translated = fromEtcdError(silence);
  assert.ok(isFailure(translated, 'registry-unavailable'));
  assert.equal(translated.cause, silence);
  const compacted = fail('registry-compacted', { revision: 1, oldest: 2 });
  assert.equal(fromEtcdError(compacted), compacted);
});

test('why there is no connection is told in words that lead to the cause', () => {
  const cases = [
    ['Protocol error (2026-01-01T00:00:00.000Z)', /: what listens there is not etcd$/],
    ['Error: connect ECONNREFUSED 127.0.0.1:1', /: connect ECONNREFUSED 127\.0\.0\.1:1$/],
    ['Failed to connect (2026-01-01T00:00:00.000Z)', /only one of them speaks TLS$/],
    [
      'Error: unable to verify the first certificate; if the root CA is installed locally, try something',
      /did not sign the certificate that it shows$/,
    ],
  ] as const;
  for (const [said, told] of cases) {
    const message = `14 UNAVAILABLE: No connection established. Last error: ${said}. Resolution note: `;
    assert.match(fromEtcdError(new Error(message)).message, told);
  }
});
