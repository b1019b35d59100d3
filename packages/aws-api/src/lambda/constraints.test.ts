import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as client from '@aws-sdk/client-lambda';
import { compileValidator } from '../validator.ts';
import { LAMBDA_CONSTRAINTS } from './constraints.ts';
import { loadLambdaSchemas } from './lambda-service.ts';
import { LAMBDA_RUNTIMES } from './runtimes.ts';

test('every row of the table is about a member that its operation has', async () => {
  const { operations } = await loadLambdaSchemas();
  for (const [operation, constraints] of Object.entries(LAMBDA_CONSTRAINTS)) {
    const input = operations.get(operation)?.input;
    assert.ok(input, operation);
    compileValidator(input, constraints);
  }
  const CreateFunction = operations.get('CreateFunction')?.input;
  assert.ok(CreateFunction);
  assert.throws(() => compileValidator(CreateFunction, { Memory: { min: 1 } }), /no member is at Memory/);
});

test('the enumerations are those of the published client, in whatever order', () => {
  const rows: readonly (readonly [operation: string, path: string, published: object])[] = [
    ['CreateFunction', 'Architectures.member', client.Architecture],
    ['CreateFunction', 'PackageType', client.PackageType],
    ['CreateFunction', 'PublishTo', client.FunctionVersionLatestPublished],
    ['CreateFunction', 'TracingConfig.Mode', client.TracingMode],
    ['CreateFunction', 'SnapStart.ApplyOn', client.SnapStartApplyOn],
    ['CreateFunction', 'LoggingConfig.LogFormat', client.LogFormat],
    ['CreateFunction', 'LoggingConfig.ApplicationLogLevel', client.ApplicationLogLevel],
    ['CreateFunction', 'LoggingConfig.SystemLogLevel', client.SystemLogLevel],
    ['CreateFunction', 'TenancyConfig.TenantIsolationMode', client.TenantIsolationMode],
    ['ListFunctions', 'FunctionVersion', client.FunctionVersion],
    ['Invoke', 'InvocationType', client.InvocationType],
    ['Invoke', 'LogType', client.LogType],
    ['InvokeWithResponseStream', 'InvocationType', client.ResponseStreamingInvocationType],
  ];
  for (const [operation, path, published] of rows)
    assert.deepEqual(
      new Set(LAMBDA_CONSTRAINTS[operation]?.[path]?.enum),
      new Set(Object.values(published)),
      path,
    );
  assert.deepEqual(new Set(LAMBDA_RUNTIMES), new Set(Object.values(client.Runtime)));
});
