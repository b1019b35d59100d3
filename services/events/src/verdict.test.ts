import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, type Outcome } from '@lambent/core';
import type { AsyncInvocation } from '@lambent/functions';
import { afterFailure, afterRun, retryPolicy } from './verdict.ts';

const POLICY = { firstRetryMs: 60_000, secondRetryMs: 120_000, maxAgeMs: 21_600_000, attemptsMax: 3 };
const FAILED: Outcome = { kind: 'unhandled', errorType: 'Error', payload: Buffer.from('{}') };

test('a function error is tried again after one minute, then after two, then given up', () => {
  assert.deepEqual(afterRun(FAILED, invocation({ attempt: 1 }), POLICY), { kind: 'retry', delayMs: 60_000 });
  assert.deepEqual(afterRun(FAILED, invocation({ attempt: 2 }), POLICY), { kind: 'retry', delayMs: 120_000 });
  assert.deepEqual(afterRun(FAILED, invocation({ attempt: 3 }), POLICY), {
    kind: 'drop',
    reason: 'retries-exhausted',
  });
});

test('an owner may want fewer retries and younger events, and no more than is set for all', () => {
  const wish = { maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 };
  assert.deepEqual(retryPolicy(POLICY, wish), { ...POLICY, attemptsMax: 1, maxAgeMs: 60_000 });
  assert.deepEqual(retryPolicy({ ...POLICY, maxAgeMs: 1_000 }, wish).maxAgeMs, 1_000);
  assert.deepEqual(retryPolicy(POLICY), POLICY);
});

test('every kind of failed outcome is retried, and a good one is done', () => {
  const kinds: Outcome[] = [
    { kind: 'handled', errorType: 'E', payload: Buffer.of() },
    { kind: 'timeout', errorType: 'Sandbox.Timedout', payload: Buffer.of() },
    { kind: 'out-of-memory', errorType: 'Runtime.OutOfMemory', payload: Buffer.of() },
  ];
  for (const outcome of kinds) assert.equal(afterRun(outcome, invocation(), POLICY).kind, 'retry');
  assert.deepEqual(afterRun({ kind: 'ok', payload: Buffer.of() }, invocation(), POLICY), { kind: 'done' });
});

test('what could not start uses up no retry and waits twice as long each time, from a second to five minutes', () => {
  const waits = [0, 800, 1_000, 4_000, 100_000, 3_000_000].map(
    ageMs => afterFailure(fail('limit-reached'), ageMs, POLICY) as { delayMs: number },
  );
  assert.deepEqual(
    waits.map(wait => wait.delayMs),
    [1_000, 1_000, 1_000, 4_000, 100_000, 300_000],
  );
});

test('an event that grew too old while it could not start is given up', () => {
  const verdict = afterFailure(fail('limit-reached'), POLICY.maxAgeMs, POLICY);
  assert.deepEqual(verdict, { kind: 'drop', reason: 'event-age-exceeded' });
});

test('an event that was not even tried is not too old', () => {
  const verdict = afterFailure(fail('registry-unavailable', { detail: 'away' }), POLICY.maxAgeMs, POLICY);
  assert.deepEqual(verdict, { kind: 'defer', delayMs: 300_000 });
});

function invocation(more: Partial<AsyncInvocation> = {}): AsyncInvocation {
  return {
    requestId: 'r',
    functionId: 'f',
    name: 'hello',
    invokedArn: 'arn',
    attempt: 1,
    firstAcceptedAtMs: 1_700_000_000_000,
    payload: Buffer.from('{}'),
    ...more,
  };
}
