import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headers as makeHeaders } from '@nats-io/nats-core';
import { fromNatsHeaders, toNatsHeaders } from './nats-headers.ts';

test('plain headers travel as they are, for any client to read', () => {
  const made = toNatsHeaders({ traceparent: '00-ab-cd-01', 'X-Kind': 'a b; c=100%' });
  assert.deepEqual(
    [...made],
    [
      ['traceparent', ['00-ab-cd-01']],
      ['X-Kind', ['a b; c=100%']],
    ],
  );
});

test('any text comes back as it was', () => {
  for (const text of [
    '',
    ' a ',
    'a\r\nNats-Msg-Id: x',
    'ü',
    '100%',
    '%41',
    "'()*!",
    '\u0000',
    '\ud83d\ude80',
  ]) {
    const headers = { [`name ${text}`]: text, plain: text };
    assert.deepEqual(fromNatsHeaders(toNatsHeaders(headers)), headers);
  }
});

test('what a stranger sent is not decoded, and its first value counts', () => {
  const foreign = makeHeaders();
  foreign.append('Path', 'a%20b');
  foreign.append('Path', 'second');
  assert.deepEqual(fromNatsHeaders(foreign), { Path: 'a%20b' });
  assert.deepEqual(fromNatsHeaders(undefined), {});
});

test('what says that it is encoded and is not stays as it came', () => {
  const foreign = makeHeaders();
  foreign.set('Lambent-Encoded', '1');
  foreign.set('a', '100%');
  assert.deepEqual(fromNatsHeaders(foreign), { a: '100%' });
});
