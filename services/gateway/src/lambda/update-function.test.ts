import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  GetFunctionConfigurationCommand,
  UpdateFunctionCodeCommand,
  type UpdateFunctionCodeCommandInput,
  UpdateFunctionConfigurationCommand,
  type UpdateFunctionConfigurationCommandInput,
} from '@aws-sdk/client-lambda';
import { zipOf } from '@lambent/testing';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const OTHER_ZIP = await zipOf({ 'index.js': 'exports.handler = async () => 2;' });
const STALE =
  'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id';

const get = ({ client }: TestGateway) =>
  client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f' }));
const configure = ({ client }: TestGateway, input: Partial<UpdateFunctionConfigurationCommandInput>) =>
  client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', ...input }));
const upload = ({ client }: TestGateway, input: Partial<UpdateFunctionCodeCommandInput>) =>
  client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ...input }));

async function openWithFunction(input: Partial<typeof CREATE> = {}): Promise<TestGateway> {
  const open = await openTestGateway();
  await open.client.send(new CreateFunctionCommand({ ...CREATE, ...input }));
  return open;
}

suite('UpdateFunctionConfiguration', () => {
  test('what is given replaces, what is not given stays; the answer says in progress', async () => {
    await using open = await openWithFunction({ Description: 'd', Environment: { Variables: { AA: '1' } } });
    const updated = await configure(open, { Timeout: 10 });
    assert.equal(updated.State, 'Active');
    assert.equal(updated.LastUpdateStatus, 'InProgress');
    assert.equal(updated.LastUpdateStatusReason, 'The function is being created.');
    assert.equal(updated.LastUpdateStatusReasonCode as string, 'Creating');
    const shown = await get(open);
    assert.deepEqual(
      [shown.Timeout, shown.Description, shown.Environment, shown.LastUpdateStatus],
      [10, 'd', { Variables: { AA: '1' } }, 'Successful'],
    );
    assert.notEqual(shown.RevisionId, updated.RevisionId);
    await configure(open, { Environment: { Variables: { BB: '2' } } });
    assert.deepEqual((await get(open)).Environment, { Variables: { BB: '2' } });
    await configure(open, { Environment: {} });
    assert.deepEqual((await get(open)).Environment, { Variables: {} });
  });

  test('logging is merged member by member, and text takes the levels away', async () => {
    await using open = await openWithFunction();
    await configure(open, { LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' } });
    await configure(open, { LoggingConfig: { ApplicationLogLevel: 'ERROR' } });
    assert.deepEqual((await get(open)).LoggingConfig, {
      LogFormat: 'JSON',
      LogGroup: '/aws/lambda/f',
      ApplicationLogLevel: 'ERROR',
      SystemLogLevel: 'WARN',
    });
    await configure(open, { LoggingConfig: { LogFormat: 'Text' } });
    assert.deepEqual((await get(open)).LoggingConfig, { LogFormat: 'Text', LogGroup: '/aws/lambda/f' });
  });

  test('an empty key ARN takes the key away', async () => {
    await using open = await openWithFunction({ KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k' });
    await configure(open, { KMSKeyArn: '' });
    assert.equal((await get(open)).KMSKeyArn, undefined);
  });

  test('a runtime that no worker has fails the update, and the next good one heals it', async () => {
    await using open = await openWithFunction();
    await configure(open, { Runtime: 'ruby3.4' });
    const failed = await get(open);
    assert.deepEqual(
      [failed.State, failed.LastUpdateStatus, failed.LastUpdateStatusReason],
      ['Active', 'Failed', 'No worker has the runtime ruby3.4.'],
    );
    await configure(open, { Runtime: 'python3.13' });
    assert.equal((await get(open)).LastUpdateStatus, 'Successful');
  });

  test('of two updates with one revision id, one is done and the other refused', async () => {
    await using open = await openWithFunction();
    const { RevisionId } = await get(open);
    const outcomes = await Promise.allSettled([
      configure(open, { RevisionId, Description: 'one' }),
      configure(open, { RevisionId, Description: 'two' }),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    const refused = outcomes.find(outcome => outcome.status === 'rejected');
    assert.ok(refusedWith('PreconditionFailedException', STALE)(refused?.reason));
  });

  test('updates without one come one after the other', async () => {
    await using open = await openWithFunction();
    await Promise.all([configure(open, { Timeout: 7 }), configure(open, { MemorySize: 256 })]);
    const shown = await get(open);
    assert.deepEqual([shown.Timeout, shown.MemorySize], [7, 256]);
  });

  test('a function that is not there is not found', async () => {
    await using open = await openTestGateway();
    await assert.rejects(
      configure(open, { Timeout: 7 }),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`),
    );
  });
});

suite('UpdateFunctionCode', () => {
  test('other code is what the next invocation runs', async () => {
    await using open = await openWithFunction();
    const before = await get(open);
    const updated = await upload(open, { ZipFile: OTHER_ZIP, Architectures: ['arm64'] });
    assert.equal(updated.LastUpdateStatus, 'InProgress');
    const after = await get(open);
    assert.notEqual(after.CodeSha256, before.CodeSha256);
    assert.deepEqual([after.CodeSize, after.Architectures], [OTHER_ZIP.length, ['arm64']]);
  });

  test('a dry run says what would be and changes nothing', async () => {
    await using open = await openWithFunction();
    const before = await get(open);
    const dry = await upload(open, { ZipFile: OTHER_ZIP, DryRun: true });
    assert.notEqual(dry.CodeSha256, before.CodeSha256);
    const after = await get(open);
    assert.deepEqual([after.CodeSha256, after.RevisionId], [before.CodeSha256, before.RevisionId]);
  });

  test('with Publish it is a new version; the same code again is the same version', async () => {
    await using open = await openWithFunction();
    const first = await upload(open, { ZipFile: OTHER_ZIP, Publish: true });
    assert.deepEqual([first.Version, first.FunctionArn, first.State], ['1', `${ARN}:1`, 'Pending']);
    const again = await upload(open, { ZipFile: OTHER_ZIP, Publish: true });
    assert.deepEqual([again.Version, again.State], ['1', 'Active']);
  });

  test('a stale revision id, an image and a missing package are refused', async () => {
    await using open = await openWithFunction();
    await assert.rejects(
      upload(open, { ZipFile: OTHER_ZIP, RevisionId: 'old' }),
      refusedWith('PreconditionFailedException', STALE),
    );
    await assert.rejects(
      upload(open, { ImageUri: 'x' }),
      refusedWith(
        'InvalidParameterValueException',
        "Please don't provide ImageUri when updating a function with packageType Zip.",
      ),
    );
    await assert.rejects(
      upload(open, {}),
      refusedWith('InvalidParameterValueException', 'Please provide a source for function code.'),
    );
    await assert.rejects(
      upload(open, { FunctionName: 'g', ZipFile: OTHER_ZIP }),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN.replace(/f$/, 'g')}`),
    );
  });
});
