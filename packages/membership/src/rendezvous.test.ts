import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byRendezvous } from './rendezvous.ts';

const MEMBERS = ['one:1', 'two:1', 'three:1', 'four:1'];
const SUBJECTS = Array.from({ length: 400 }, (_, number) => `limit-${number}`);

test('the order depends on who there is, not on how they were listed', () => {
  for (const subject of SUBJECTS)
    assert.deepEqual(byRendezvous(subject, MEMBERS.toReversed()), byRendezvous(subject, MEMBERS));
});

test('every member answers for about as much as another', () => {
  const firsts = SUBJECTS.map(subject => byRendezvous(subject, MEMBERS)[0]);
  for (const member of MEMBERS) {
    const count = firsts.filter(first => first === member).length;
    assert.ok(count > 60 && count < 140, `${member} answers for ${count} of 400`);
  }
});

test('when one goes the others keep what they had, and the second takes its place', () => {
  const [gone = '', ...rest] = MEMBERS;
  for (const subject of SUBJECTS) {
    const before = byRendezvous(subject, MEMBERS);
    const after = byRendezvous(subject, rest);
    assert.deepEqual(
      after,
      before.filter(member => member !== gone),
    );
  }
});
