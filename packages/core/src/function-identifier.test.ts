import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatFunctionArn, parseFunctionIdentifier } from './function-identifier.ts';

test('every form that AWS takes names the same function', () => {
  assert.deepEqual(parseFunctionIdentifier('hello'), { name: 'hello' });
  assert.deepEqual(parseFunctionIdentifier('hello:7'), { name: 'hello', qualifier: '7' });
  assert.deepEqual(parseFunctionIdentifier('hello:$LATEST'), { name: 'hello', qualifier: '$LATEST' });
  assert.deepEqual(parseFunctionIdentifier('function:hello:7'), { name: 'hello', qualifier: '7' });
  assert.deepEqual(parseFunctionIdentifier('123456789012:function:hello'), {
    name: 'hello',
    accountId: '123456789012',
  });
  assert.deepEqual(parseFunctionIdentifier('arn:aws:lambda:eu-west-1:123456789012:function:hello:live'), {
    name: 'hello',
    region: 'eu-west-1',
    accountId: '123456789012',
    qualifier: 'live',
  });
});

test('what is no identifier is malformed, and a name has at most 64 characters', () => {
  for (const text of [
    '',
    'a b',
    'hello:',
    ':7',
    'arn:aws:lambda:eu-west-1:1:function:hello',
    'a/b',
    'hello:$LATER',
  ]) {
    assert.equal(parseFunctionIdentifier(text), 'malformed', text);
  }
  assert.deepEqual(parseFunctionIdentifier('n'.repeat(64)), { name: 'n'.repeat(64) });
  assert.equal(parseFunctionIdentifier('n'.repeat(65)), 'name-too-long');
});

test('an ARN that was formatted is parsed to its parts', () => {
  const parts = { region: 'us-east-1', accountId: '000000000000', name: 'hello', qualifier: '3' };
  assert.equal(formatFunctionArn(parts), 'arn:aws:lambda:us-east-1:000000000000:function:hello:3');
  assert.deepEqual(parseFunctionIdentifier(formatFunctionArn(parts)), parts);
});
