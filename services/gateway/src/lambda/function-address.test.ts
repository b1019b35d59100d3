import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AwsError } from '@lambent/aws-api';
import { FunctionAddress } from './function-address.ts';

const HOME = { accountId: '000000000000', region: 'us-east-1' };
const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:f';

function refusal(name: string, message: string | null) {
  return (error: unknown) =>
    error instanceof AwsError && error.name === name && error.wireMessage === message;
}

test('the four ways to name a function lead to one address', () => {
  for (const text of ['f', '000000000000:function:f', ARN])
    assert.deepEqual([FunctionAddress.of(HOME, text).name, FunctionAddress.of(HOME, text).arn], ['f', ARN]);
  for (const text of ['f:7', '000000000000:function:f:7', `${ARN}:7`])
    assert.equal(FunctionAddress.of(HOME, text).arn, `${ARN}:7`);
  assert.equal(FunctionAddress.of(HOME, 'f', 'live').arn, `${ARN}:live`);
  assert.equal(FunctionAddress.of(HOME, 'f:7', '7').qualifier, '7');
  assert.equal(FunctionAddress.of(HOME, 'f:7').functionArn, ARN);
});

test('two different qualifiers are refused', () => {
  assert.throws(
    () => FunctionAddress.of(HOME, 'f:7', '8'),
    refusal(
      'InvalidParameterValueException',
      'The derived qualifier from the function name does not match the specified qualifier.',
    ),
  );
});

test('a function of another region is not reachable, one of another account not allowed', () => {
  assert.throws(
    () => FunctionAddress.of(HOME, ARN.replace('us-east-1', 'eu-west-1')),
    refusal(
      'ResourceNotFoundException',
      "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ),
  );
  assert.throws(
    () => FunctionAddress.of(HOME, '111111111111:function:f'),
    refusal('AccessDeniedException', null),
  );
});

test('an operation on the function takes no version', () => {
  assert.equal(FunctionAddress.ofFunction(HOME, 'f:$LATEST').name, 'f');
  assert.throws(
    () => FunctionAddress.ofFunction(HOME, 'f:1'),
    refusal(
      'InvalidParameterValueException',
      'This operation is permitted on Lambda functions only. Aliases and versions do not support this operation. Please specify either a function name or an unqualified function ARN.',
    ),
  );
});

test('what names nothing is a validation error', () => {
  assert.throws(
    () => FunctionAddress.of(HOME, 'a/b'),
    error => error instanceof AwsError && error.name === 'ValidationException',
  );
  assert.throws(
    () => FunctionAddress.of(HOME, 'n'.repeat(65)),
    error => error instanceof AwsError && error.name === 'InvalidParameterValueException',
  );
});
