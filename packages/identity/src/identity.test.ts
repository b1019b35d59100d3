import assert from 'node:assert/strict';
import { test } from 'node:test';
import { arnOf, principalArnsOf, uniqueIdOf } from './identity.ts';

const ACCOUNT = '123456789012';

test("a role's session goes by its own name and by the role's, which alone has a path", () => {
  const session = {
    kind: 'session',
    roleName: 'worker',
    rolePath: '/app/',
    roleId: 'AROA1',
    sessionName: 'one',
  } as const;
  assert.deepEqual(principalArnsOf(session, ACCOUNT), [
    'arn:aws:sts::123456789012:assumed-role/worker/one',
    'arn:aws:iam::123456789012:role/app/worker',
  ]);
  assert.equal(uniqueIdOf(session, ACCOUNT), 'AROA1:one');
});

test('the owner is the account', () => {
  assert.equal(arnOf({ kind: 'root' }, ACCOUNT), 'arn:aws:iam::123456789012:root');
  assert.equal(uniqueIdOf({ kind: 'root' }, ACCOUNT), ACCOUNT);
});
