import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DeleteUserCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
} from '@aws-sdk/client-iam';
import { CreateFunctionCommand, CreateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { CREATE, openTestGateway, refusedWith } from '../open-test-gateway.ts';

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const INVOKE = JSON.stringify({
  Version: '2012-10-17',
  Statement: { Effect: 'Allow', Action: 'lambda:*', Resource: '*' },
});
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';

async function open() {
  await using stack = new AsyncDisposableStack();
  const gateway = stack.use(await openTestGateway());
  const options = {
    endpoint: gateway.gateway.url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  };
  const iam = stack.adopt(new IAMClient(options), client => client.destroy());
  const sts = stack.adopt(new STSClient(options), client => client.destroy());
  const owned = stack.move();
  return { ...gateway, iam, sts, options, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test('a role is made, found, listed, changed and deleted only once nothing hangs on it', async () => {
  await using opened = await open();
  const { iam } = opened;
  const RoleName = 'worker';
  const create = new CreateRoleCommand({ RoleName, Path: '/app/', AssumeRolePolicyDocument: TRUST });
  const { Role } = await iam.send(create);
  assert.equal(Role?.Arn, 'arn:aws:iam::000000000000:role/app/worker');
  assert.match(Role.RoleId ?? '', /^AROA[A-Z2-7]{17}$/);
  assert.equal(decodeURIComponent(Role.AssumeRolePolicyDocument ?? ''), TRUST);
  await assert.rejects(
    iam.send(create),
    refusedWith('EntityAlreadyExistsException', 'Role with name worker already exists.'),
  );
  await iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: 'a', Value: '1' }] }));
  const found = await iam.send(new GetRoleCommand({ RoleName }));
  assert.deepEqual(found.Role?.Tags, [{ Key: 'a', Value: '1' }]);
  await iam.send(new CreateRoleCommand({ RoleName: 'other', AssumeRolePolicyDocument: TRUST }));
  const first = await iam.send(new ListRolesCommand({ MaxItems: 1 }));
  assert.deepEqual([first.IsTruncated, first.Roles?.[0]?.RoleName], [true, 'other']);
  const second = await iam.send(new ListRolesCommand({ Marker: first.Marker }));
  assert.deepEqual([second.IsTruncated, second.Roles?.map(role => role.RoleName)], [false, ['worker']]);

  await iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: 'p', PolicyDocument: INVOKE }));
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName, PolicyName: 'p' }));
  assert.equal(decodeURIComponent(inline.PolicyDocument ?? ''), INVOKE);
  const { Policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'own', PolicyDocument: INVOKE }));
  const PolicyArn = Policy?.Arn ?? '';
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: BASIC }));
  const { AttachedPolicies } = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
  assert.deepEqual(
    AttachedPolicies?.map(each => each.PolicyName),
    ['own', 'AWSLambdaBasicExecutionRole'],
  );
  assert.equal((await iam.send(new GetPolicyCommand({ PolicyArn }))).Policy?.AttachmentCount, 1);
  await assert.rejects(
    iam.send(new DeletePolicyCommand({ PolicyArn })),
    refusedWith('DeleteConflictException', 'Cannot delete a policy attached to entities.'),
  );
  await assert.rejects(
    iam.send(new DeleteRoleCommand({ RoleName })),
    refusedWith('DeleteConflictException', 'Cannot delete entity, must detach all policies first.'),
  );
  for (const arn of [PolicyArn, BASIC])
    await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: arn }));
  await iam.send(new DeletePolicyCommand({ PolicyArn }));
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: 'p' }));
  await iam.send(new DeleteRoleCommand({ RoleName }));
  await assert.rejects(
    iam.send(new GetRoleCommand({ RoleName })),
    refusedWith('NoSuchEntityException', 'The role with name worker cannot be found.'),
  );
  await assert.rejects(
    iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: INVOKE })),
    refusedWith('MalformedPolicyDocumentException', 'Statement: Principal is required'),
  );
});

test('who signs a call of a URL of AWS_IAM gets through as far as policies allow', async () => {
  await using opened = await open();
  const { iam, sts, client, options, invoker } = opened;
  await client.send(new CreateFunctionCommand(CREATE));
  const { FunctionUrl = '' } = await client.send(
    new CreateFunctionUrlConfigCommand({ FunctionName: 'f', AuthType: 'AWS_IAM' }),
  );
  await iam.send(new CreateRoleCommand({ RoleName: 'caller', AssumeRolePolicyDocument: TRUST }));
  const { Credentials, AssumedRoleUser } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::000000000000:role/caller',
      RoleSessionName: 'one',
    }),
  );
  const session = {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
  const as = new STSClient({ ...options, credentials: session });
  assert.equal((await as.send(new GetCallerIdentityCommand({}))).Arn, AssumedRoleUser?.Arn);
  as.destroy();

  const { host, hostname, pathname } = new URL(FunctionUrl);
  const call = async (credentials: typeof session | Omit<typeof session, 'sessionToken'>) => {
    const signer = new SignatureV4({ service: 'lambda', region: 'us-east-1', credentials, sha256: Sha256 });
    const { headers } = await signer.sign({
      method: 'POST',
      protocol: 'http:',
      hostname,
      path: pathname,
      headers: { host },
      body: 'hello',
    });
    const answer = await fetch(FunctionUrl, { method: 'POST', headers, body: 'hello' });
    return { status: answer.status, text: await answer.text(), type: answer.headers.get('x-amzn-errortype') };
  };
  const unsigned = await fetch(FunctionUrl);
  assert.equal(unsigned.status, 403);
  assert.deepEqual(await unsigned.json(), { Message: 'Missing Authentication Token' });
  assert.equal((await call(session)).status, 403);
  await iam.send(new PutRolePolicyCommand({ RoleName: 'caller', PolicyName: 'p', PolicyDocument: INVOKE }));
  assert.equal((await call(session)).status, 200);
  const event = JSON.parse(Buffer.from(invoker.invocations.at(-1)?.payload ?? []).toString());
  assert.equal(event.requestContext.authorizer.iam.userArn, AssumedRoleUser?.Arn);
  const forged = await call({ ...session, secretAccessKey: 'another' });
  assert.deepEqual([forged.status, forged.type], [403, 'InvalidSignatureException']);

  await iam.send(new CreateUserCommand({ UserName: 'ann' }));
  const keys = await Promise.all(
    [{ UserName: 'ann' }, {}].map(async whose => {
      const { AccessKey } = await iam.send(new CreateAccessKeyCommand(whose));
      return {
        accessKeyId: AccessKey?.AccessKeyId ?? '',
        secretAccessKey: AccessKey?.SecretAccessKey ?? '',
      };
    }),
  );
  const [ofUser, ofRoot] = keys as [(typeof keys)[0], (typeof keys)[0]];
  assert.equal((await call(ofRoot)).status, 200, "the account's owner may always");
  assert.equal((await call(ofUser)).status, 403, 'a user has no policies');
  await assert.rejects(
    iam.send(new DeleteUserCommand({ UserName: 'ann' })),
    refusedWith('DeleteConflictException', 'Cannot delete entity, must delete access keys first.'),
  );
  await iam.send(new DeleteAccessKeyCommand({ UserName: 'ann', AccessKeyId: ofUser.accessKeyId }));
  await iam.send(new DeleteUserCommand({ UserName: 'ann' }));
  await assert.rejects(
    sts.send(
      new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::000000000000:role/nobody', RoleSessionName: 'one' }),
    ),
    refusedWith('AccessDenied', /is not authorized to perform: sts:AssumeRole on resource/),
  );
});
