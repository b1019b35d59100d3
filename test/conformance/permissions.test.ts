/** Resource policies of functions, versions and aliases, in AWS's words. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  AddPermissionCommand,
  type AddPermissionCommandInput,
  CreateAliasCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteResourcePolicyCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  GetResourcePolicyCommand,
  type LambdaClient,
  PolicyLengthExceededException,
  PreconditionFailedException,
  PublishVersionCommand,
  PutResourcePolicyCommand,
  RemovePermissionCommand,
  ResourceConflictException,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import { deploy } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const FILES = { 'index.mjs': 'export const handler = async () => "here";' };

describe('resource policies', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  const create = async () => {
    const { name } = await deploy(client, { files: FILES });
    return { FunctionName: name, arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}` };
  };
  const add = (input: Partial<AddPermissionCommandInput> & { FunctionName: string }) =>
    client.send(
      new AddPermissionCommand({
        StatementId: 's3',
        Action: 'lambda:InvokeFunction',
        Principal: 's3.amazonaws.com',
        ...input,
      }),
    );
  const documentOf = async (FunctionName: string, Qualifier?: string) => {
    const { Policy = '', RevisionId } = await client.send(
      new GetPolicyCommand({ FunctionName, ...(Qualifier && { Qualifier }) }),
    );
    return { document: JSON.parse(Policy), text: Policy, RevisionId };
  };

  test("a permission becomes a statement with AWS's members in AWS's order", async () => {
    const { FunctionName, arn } = await create();
    const { Statement } = await add({
      FunctionName,
      SourceArn: 'arn:aws:s3:::photos',
      SourceAccount: '123456789012',
      PrincipalOrgID: 'o-1234567890',
      EventSourceToken: 'token',
    });
    const statement =
      `{"Sid":"s3","Effect":"Allow","Principal":{"Service":"s3.amazonaws.com"},"Action":"lambda:InvokeFunction","Resource":"${arn}",` +
      '"Condition":{"StringEquals":{"aws:PrincipalOrgID":"o-1234567890","AWS:SourceAccount":"123456789012","lambda:EventSourceToken":"token"},' +
      '"ArnLike":{"AWS:SourceArn":"arn:aws:s3:::photos"}}}';
    assert.equal(Statement, statement);
    const { text, RevisionId } = await documentOf(FunctionName);
    assert.equal(text, `{"Version":"2012-10-17","Id":"default","Statement":[${statement}]}`);
    const configuration = await client.send(new GetFunctionConfigurationCommand({ FunctionName }));
    assert.equal(RevisionId, configuration.RevisionId, 'a policy is at the revision of its function');
  });

  test('a principal is a service, an account, an identity or everybody', async () => {
    const { FunctionName } = await create();
    const principals: readonly [given: string, shown: unknown][] = [
      ['123456789012', { AWS: 'arn:aws:iam::123456789012:root' }],
      ['arn:aws:iam::123456789012:user/her', { AWS: 'arn:aws:iam::123456789012:user/her' }],
      ['events.amazonaws.com', { Service: 'events.amazonaws.com' }],
      ['*', '*'],
    ];
    for (const [index, [Principal, shown]] of principals.entries()) {
      const { Statement = '' } = await add({ FunctionName, StatementId: `s${index}`, Principal });
      assert.deepEqual(JSON.parse(Statement).Principal, shown);
    }
    await assert.rejects(add({ FunctionName, StatementId: 'bad', Principal: 'nobody' }), {
      name: 'InvalidParameterValueException',
      message: 'The provided principal was invalid. Please check the principal and try again.',
    });
    await assert.rejects(add({ FunctionName, StatementId: 'url', FunctionUrlAuthType: 'NONE' }), {
      message: 'FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action',
    });
    const { Statement = '' } = await add({
      FunctionName,
      StatementId: 'url',
      Principal: '*',
      Action: 'lambda:InvokeFunctionUrl',
      FunctionUrlAuthType: 'NONE',
    });
    assert.deepEqual(JSON.parse(Statement).Condition, {
      StringEquals: { 'lambda:FunctionUrlAuthType': 'NONE' },
    });
  });

  test('versions and aliases have policies of their own, which go with them', async () => {
    const { FunctionName, arn } = await create();
    await client.send(new PublishVersionCommand({ FunctionName }));
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    await add({ FunctionName });
    for (const Qualifier of ['1', 'live']) {
      await assert.rejects(documentOf(FunctionName, Qualifier), ResourceNotFoundException);
      const { Statement = '' } = await add({ FunctionName, Qualifier });
      assert.equal(JSON.parse(Statement).Resource, `${arn}:${Qualifier}`);
      assert.equal((await documentOf(FunctionName, Qualifier)).document.Statement.length, 1);
    }
    await client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    await assert.rejects(documentOf(FunctionName, 'live'), ResourceNotFoundException);
    await client.send(new DeleteAliasCommand({ FunctionName, Name: 'live' }));
    await client.send(new DeleteFunctionCommand({ FunctionName }));
    await assert.rejects(documentOf(FunctionName), {
      name: 'ResourceNotFoundException',
      message: `Function not found: ${arn}`,
    });
    await assert.rejects(add({ FunctionName, Qualifier: '$LATEST' }), ResourceNotFoundException);
  });

  test("what is there already, is not there or is outdated is refused in AWS's words", async () => {
    const { FunctionName, arn } = await create();
    const remove = (StatementId: string, RevisionId?: string) =>
      client.send(new RemovePermissionCommand({ FunctionName, StatementId, RevisionId }));
    await assert.rejects(documentOf(FunctionName), {
      name: 'ResourceNotFoundException',
      message: 'The resource you requested does not exist.',
    });
    await assert.rejects(remove('s3'), { message: 'No policy is associated with the given resource.' });
    await add({ FunctionName });
    await assert.rejects(add({ FunctionName }), (error: Error) => {
      assert.ok(error instanceof ResourceConflictException);
      assert.match(error.message, /^The statement id \(s3\) provided already exists\./);
      return true;
    });
    await assert.rejects(add({ FunctionName, Qualifier: '$LATEST', StatementId: 'x' }), {
      name: 'InvalidParameterValueException',
      message: 'We currently do not support adding policies for $LATEST.',
    });
    await assert.rejects(add({ FunctionName, Qualifier: '7', StatementId: 'x' }), {
      message: `Function not found: ${arn}:7`,
    });
    await assert.rejects(remove('other'), {
      message: 'Statement other is not found in resource policy.',
    });
    const { RevisionId } = await documentOf(FunctionName);
    await assert.rejects(remove('s3', 'outdated'), (error: Error) => {
      assert.ok(error instanceof PreconditionFailedException);
      assert.match(error.message, /Call the GetPolicy API to retrieve the latest Revision Id$/);
      return true;
    });
    await remove('s3', RevisionId);
    await assert.rejects(documentOf(FunctionName), ResourceNotFoundException);
  });

  test('a policy has at most 20 KB', async () => {
    const { FunctionName } = await create();
    const fill = async () => {
      for (let index = 0; ; index += 1)
        await add({
          FunctionName,
          StatementId: `${index}-${'x'.repeat(90)}`,
          EventSourceToken: 'y'.repeat(256),
        });
    };
    await assert.rejects(fill(), (error: Error) => {
      assert.ok(error instanceof PolicyLengthExceededException);
      assert.match(error.message, /^The final policy size \(\d+\) is bigger than the limit \(20480\)\.$/);
      return true;
    });
  });

  test('of permissions added at once none is lost', async () => {
    const { FunctionName } = await create();
    await Promise.all([1, 2, 3, 4].map(n => add({ FunctionName, StatementId: `s${n}` })));
    const { document } = await documentOf(FunctionName);
    assert.deepEqual(document.Statement.map((one: { Sid: string }) => one.Sid).sort(), [
      's1',
      's2',
      's3',
      's4',
    ]);
  });

  test('the whole document is read, replaced and deleted by its ARN', async () => {
    const { FunctionName, arn: ResourceArn } = await create();
    await assert.rejects(client.send(new GetResourcePolicyCommand({ ResourceArn })), {
      message: `No policy found for: ${ResourceArn}`,
    });
    const Policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'all',
          Effect: 'Deny',
          Principal: '*',
          Action: 'lambda:InvokeFunction',
          Resource: ResourceArn,
        },
      ],
    });
    const put = await client.send(new PutResourcePolicyCommand({ ResourceArn, Policy }));
    assert.equal(put.Policy, Policy);
    assert.equal((await documentOf(FunctionName)).text, Policy);
    await add({ FunctionName });
    const { Policy: both = '' } = await client.send(new GetResourcePolicyCommand({ ResourceArn }));
    assert.equal(JSON.parse(both).Statement.length, 2);
    await assert.rejects(
      client.send(
        new PutResourcePolicyCommand({ ResourceArn, Policy: '{"Statement":[{"Effect":"Maybe"}]}' }),
      ),
      { name: 'InvalidParameterValueException' },
    );
    await assert.rejects(
      client.send(new DeleteResourcePolicyCommand({ ResourceArn, RevisionId: put.RevisionId })),
      PreconditionFailedException,
    );
    await client.send(new DeleteResourcePolicyCommand({ ResourceArn }));
    await assert.rejects(documentOf(FunctionName), ResourceNotFoundException);
  });
});
