import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fail, isFailure } from './errors.ts';

test('an error says its row in words, with its fields, and keeps its cause', () => {
  const cause = new Error('below');
  const error = fail('queue-full', { queue: 'router', max: 3 }, { cause });
  assert.equal(error.message, 'the queue router holds its most, 3');
  assert.equal(error.code, 'resource-exhausted');
  assert.equal(error.retry, 'never');
  assert.equal(error.cause, cause);
});

test('a field that is missing stays visible in the message', () => {
  assert.equal(fail('draining').message, '{member} is draining');
});

test('a failure is told from others by its reason', () => {
  const error: unknown = fail('limit-reached');
  assert.ok(isFailure(error));
  assert.ok(isFailure(error, 'limit-reached'));
  assert.ok(!isFailure(error, 'queue-full'));
  assert.ok(!isFailure(new Error('limit-reached'), 'limit-reached'));
});
