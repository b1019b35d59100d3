import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePolicy } from '@lambent/iam';
import { awsPolicies, awsPolicy } from './aws-policies.ts';

test("each of AWS's policies is one that IAM's language knows, and is found by its ARN", () => {
  for (const policy of awsPolicies()) {
    assert.equal(parsePolicy(policy.document, 'identity').kind, 'valid', policy.arn);
    assert.deepEqual(awsPolicy(policy.arn), policy);
  }
});

test('a policy of another account, or that is not here, is none', () => {
  assert.equal(awsPolicy('arn:aws:iam::aws:policy/constructor'), undefined);
  assert.equal(awsPolicy('arn:aws:iam::123456789012:policy/AdministratorAccess'), undefined);
});
