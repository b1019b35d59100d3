import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INTERNAL_SERVER_ERROR, urlAnswer } from './url-answer.ts';

const answerOf = (result: unknown) => urlAnswer(Buffer.from(JSON.stringify(result)));

test('a result without a status is the body itself', () => {
  for (const [result, body] of [
    ['text', 'text'],
    [{ a: 1 }, '{"a":1}'],
    [null, 'null'],
    [[1], '[1]'],
    [7, '7'],
  ] as const) {
    const answer = answerOf(result);
    assert.deepEqual([answer.statusCode, Buffer.from(answer.body).toString()], [200, body]);
    assert.deepEqual(answer.headers, { 'content-type': 'application/json' });
  }
});

test('a result with a status describes the answer', () => {
  const { statusCode, headers, cookies, body } = answerOf({
    statusCode: '201',
    headers: { 'X-A': 1, 'Content-Type': 'text/plain' },
    cookies: ['a=1'],
    body: 'dGVh',
    isBase64Encoded: true,
  });
  assert.deepEqual(
    [statusCode, headers, cookies, Buffer.from(body).toString()],
    [201, { 'x-a': '1', 'content-type': 'text/plain' }, ['a=1'], 'tea'],
  );
});

test('what describes no answer is a failure of the function', () => {
  for (const result of [
    { statusCode: 99 },
    { statusCode: 600 },
    { statusCode: 'x' },
    { statusCode: 200, headers: 'x' },
    { statusCode: 200, headers: { 'a b': '1' } },
    { statusCode: 200, headers: { a: '1\r\nb: 2' } },
    { statusCode: 200, cookies: 'a=1' },
    { statusCode: 200, cookies: ['a=1\n'] },
  ])
    assert.equal(answerOf(result), INTERNAL_SERVER_ERROR, JSON.stringify(result));
  assert.equal(urlAnswer(Buffer.from('not JSON')), INTERNAL_SERVER_ERROR);
});
