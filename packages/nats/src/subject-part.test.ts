import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeSubjectPart, encodeSubjectPart } from './subject-part.ts';

const NAMES = [
  'orders',
  'a.b',
  'a*',
  '>',
  ' ',
  '',
  '%',
  '%2E',
  'ü',
  '\u0000',
  '\ud83d\ude80',
  '\ud83d',
  '\ude80',
  'a/b\r\n',
];

test('any name is one token of plain characters, and comes back from it', () => {
  for (const name of NAMES) {
    const token = encodeSubjectPart(name);
    assert.match(token, /^[A-Za-z0-9_%-]+$/);
    assert.equal(decodeSubjectPart(token), name);
  }
});

test('different names give different tokens', () => {
  assert.equal(new Set(NAMES.map(encodeSubjectPart)).size, NAMES.length);
});

test('what no name gives is no token', () => {
  for (const token of ['a.b', '%41', '%zz', '%FF']) assert.throws(() => decodeSubjectPart(token));
});
