import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseForm } from './form-tree.ts';

test('a form is read from the query and the body alike, and what is said first holds', () => {
  const form = parseForm('/?Action=A&__proto__.x=1', Buffer.from('Action=B&Tags.member.1.Key=k%20e'));
  assert.equal(form.children.get('Action')?.text, 'A');
  const tag = form.children.get('Tags')?.children.get('member')?.children.get('1');
  assert.equal(tag?.children.get('Key')?.text, 'k e');
  assert.equal(form.children.get('__proto__')?.children.get('x')?.text, '1');
});

test('a form that is no text is refused', () => {
  assert.throws(() => parseForm('/', Buffer.of(0xff)), { name: 'SerializationException' });
});
