/** Of the 88 operations of Lambda's API, those that are not here yet say so by name, and never pretend. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as lambdaApi from '@aws-sdk/client-lambda';
import { type LambentProcess, startLambent } from '@lambent/testing';

/** Whoever implements one moves it here, and writes what it does into docs/compatibility.md. */
const IMPLEMENTED: ReadonlySet<string> = new Set([
  'AddLayerVersionPermission',
  'AddPermission',
  'CreateAlias',
  'CreateCodeSigningConfig',
  'CreateCapacityProvider',
  'CreateEventSourceMapping',
  'CreateFunction',
  'CreateFunctionUrlConfig',
  'DeleteAlias',
  'DeleteCodeSigningConfig',
  'DeleteCapacityProvider',
  'DeleteEventSourceMapping',
  'DeleteFunction',
  'DeleteFunctionCodeSigningConfig',
  'DeleteFunctionConcurrency',
  'DeleteFunctionEventInvokeConfig',
  'DeleteFunctionUrlConfig',
  'DeleteLayerVersion',
  'DeleteProvisionedConcurrencyConfig',
  'DeleteResourcePolicy',
  'GetAccountSettings',
  'GetAlias',
  'GetCodeSigningConfig',
  'GetCapacityProvider',
  'GetEventSourceMapping',
  'GetFunction',
  'GetFunctionCodeSigningConfig',
  'GetFunctionConcurrency',
  'GetFunctionConfiguration',
  'GetFunctionEventInvokeConfig',
  'GetFunctionRecursionConfig',
  'GetFunctionScalingConfig',
  'GetFunctionUrlConfig',
  'GetLayerVersion',
  'GetLayerVersionByArn',
  'GetLayerVersionPolicy',
  'GetPolicy',
  'GetProvisionedConcurrencyConfig',
  'GetResourcePolicy',
  'GetRuntimeManagementConfig',
  'Invoke',
  'InvokeAsync',
  'InvokeWithResponseStream',
  'ListAliases',
  'ListCodeSigningConfigs',
  'ListCapacityProviders',
  'ListEventSourceMappings',
  'ListFunctionEventInvokeConfigs',
  'ListFunctionUrlConfigs',
  'ListFunctionVersionsByCapacityProvider',
  'ListFunctions',
  'ListFunctionsByCodeSigningConfig',
  'ListLayerVersions',
  'ListLayers',
  'ListProvisionedConcurrencyConfigs',
  'ListTags',
  'ListVersionsByFunction',
  'PublishLayerVersion',
  'PublishVersion',
  'PutFunctionCodeSigningConfig',
  'PutFunctionConcurrency',
  'PutFunctionEventInvokeConfig',
  'PutFunctionRecursionConfig',
  'PutFunctionScalingConfig',
  'PutProvisionedConcurrencyConfig',
  'PutResourcePolicy',
  'PutRuntimeManagementConfig',
  'RemoveLayerVersionPermission',
  'RemovePermission',
  'TagResource',
  'UntagResource',
  'UpdateAlias',
  'UpdateCodeSigningConfig',
  'UpdateCapacityProvider',
  'UpdateEventSourceMapping',
  'UpdateFunctionCode',
  'UpdateFunctionConfiguration',
  'UpdateFunctionEventInvokeConfig',
  'UpdateFunctionUrlConfig',
]);
const OPERATIONS = 88;
/** Marks an operation among the schemas that the SDK exports. */
const OPERATION_TAG = 9;

type OperationSchema = readonly [
  number,
  string,
  string,
  { readonly http: readonly [string, string, number] },
];

const operations = Object.values(lambdaApi)
  .filter(exported => Array.isArray(exported) && exported[0] === OPERATION_TAG)
  .map(exported => exported as unknown as OperationSchema)
  .map(([, , name, { http }]) => ({ name, method: http[0], uri: http[1] }));

describe('operations that are not implemented', () => {
  let lambent: LambentProcess;
  before(async () => {
    lambent = await startLambent();
  });
  after(() => lambent[Symbol.asyncDispose]());

  test('the API has as many operations as we know of', () => {
    assert.equal(operations.length, OPERATIONS);
    const names = operations.map(({ name }) => name);
    assert.deepEqual(
      [...IMPLEMENTED].filter(name => !names.includes(name)),
      [],
    );
  });

  for (const { name, method, uri } of operations) {
    if (IMPLEMENTED.has(name)) continue;
    test(`${name} is refused by name`, async () => {
      const response = await fetch(new URL(uri.replace(/\{\w+\+?\}/g, 'x'), lambent.url), {
        method,
        ...(method !== 'GET' && { body: '{}' }),
      });
      const { message } = (await response.json()) as { message: string };
      assert.equal(response.status, 501);
      assert.equal(response.headers.get('x-amzn-errortype'), 'NotImplementedException');
      assert.match(message, new RegExp(`\\b${name}\\b`));
    });
  }
});
