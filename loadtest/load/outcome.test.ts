import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { acceptAny, expectEcho, WRONG_ANSWER } from './outcome.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('what a call came to', () => {
  test('the event given back is right, and warm', () => {
    const judge = expectEcho(bytes('{"a":1}'));
    assert.deepEqual(judge({ payload: bytes('{"a":1}') }), { kind: 'ok', cold: false });
  });

  test('the first answer of an environment says that it is cold', () => {
    const cold = { kind: 'ok', cold: true };
    assert.deepEqual(expectEcho(bytes('{"a":1}'))({ payload: bytes('{"a":1,"cold":true}') }), cold);
    assert.deepEqual(expectEcho(bytes('{}'))({ payload: bytes('{"cold":true}') }), cold);
  });

  test('any other answer is an error, however fast it came', () => {
    assert.deepEqual(expectEcho(bytes('{"a":1}'))({ payload: bytes('{"a":2}') }), WRONG_ANSWER);
    assert.deepEqual(expectEcho(bytes('{"a":1}'))({ payload: bytes('') }), WRONG_ANSWER);
  });

  test('of functions of somebody else the log says whether it was cold', () => {
    const log = 'REPORT RequestId: 1\tDuration: 1 ms\tInit Duration: 90.1 ms\t\n';
    assert.deepEqual(acceptAny({ payload: bytes('7'), logTail: log }), { kind: 'ok', cold: true });
    assert.deepEqual(acceptAny({ payload: bytes('7') }), { kind: 'ok', cold: false });
  });
});
