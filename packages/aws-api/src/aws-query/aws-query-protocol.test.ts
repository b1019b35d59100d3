import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsError } from '../aws-error.ts';
import { createLambdaService } from '../lambda/lambda-service.ts';
import { createStsService, type StsHandlers } from '../sts/sts-service.ts';
import { serve } from '../testing/served-lambda.ts';

const ARN = 'arn:aws:iam::123456789012:role/worker';

async function serveSts(handlers: StsHandlers) {
  const served = await serve({}, { services: [createLambdaService({}), createStsService(handlers)] });
  const client = new STSClient({
    endpoint: served.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const post = (body: string) =>
    fetch(served.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body,
    });
  return {
    ...served,
    client,
    post,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await served[Symbol.asyncDispose]();
    },
  };
}

test("lists and structures of a form reach the handler, and AWS's own client reads the answer", async () => {
  const seen: unknown[] = [];
  const expires = new Date('2026-01-02T03:04:05Z');
  await using sts = await serveSts({
    AssumeRole: async input => {
      seen.push(input);
      return {
        Credentials: { AccessKeyId: 'ASIA', SecretAccessKey: 'a<b', SessionToken: 't&', Expiration: expires },
      };
    },
  });
  const answer = await sts.client.send(
    new AssumeRoleCommand({
      RoleArn: ARN,
      RoleSessionName: 'one',
      DurationSeconds: 900,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: 'ü & <' },
      ],
      TransitiveTagKeys: [],
    }),
  );
  assert.deepEqual(seen, [
    {
      RoleArn: ARN,
      RoleSessionName: 'one',
      DurationSeconds: 900,
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'b', Value: 'ü & <' },
      ],
      TransitiveTagKeys: [],
    },
  ]);
  assert.deepEqual(answer.Credentials, {
    AccessKeyId: 'ASIA',
    SecretAccessKey: 'a<b',
    SessionToken: 't&',
    Expiration: expires,
  });
});

test("errors are the protocol's own: of the service, of a constraint, of what is not there, and ours", async () => {
  await using sts = await serveSts({
    AssumeRole: async () => {
      throw new AwsError('RegionDisabledException', 'no such <region>');
    },
    GetCallerIdentity: async () => {
      throw new TypeError('a slip');
    },
  });
  await assert.rejects(sts.client.send(new AssumeRoleCommand({ RoleArn: ARN, RoleSessionName: 'one' })), {
    name: 'RegionDisabledException',
    message: 'no such <region>',
  });
  await assert.rejects(sts.client.send(new AssumeRoleCommand({ RoleArn: 'arn', RoleSessionName: 'o' })), {
    name: 'ValidationError',
    message: /^2 validation errors detected: Value 'arn' at 'roleArn' failed to satisfy constraint/,
  });
  await assert.rejects(sts.client.send(new GetCallerIdentityCommand({})), { name: 'InternalFailure' });
  assert.equal(sts.errors.length, 1);
  const cases: readonly (readonly [body: string, status: number, code: string])[] = [
    ['Action=Nothing&Version=2011-06-15', 400, 'InvalidAction'],
    ['', 400, 'MissingAction'],
    ['Action=GetFederationToken&Version=2011-06-15', 501, 'NotImplemented'],
    [`Action=AssumeRole&DurationSeconds=soon`, 400, 'MalformedInput'],
    [`Action=AssumeRole&${'a.'.repeat(20)}=1`, 400, 'MalformedInput'],
    [`Action=AssumeRole&${'a=1&'.repeat(5_000)}`, 400, 'MalformedInput'],
    [`Action=AssumeRole&Policy=${'x'.repeat(300_000)}`, 413, 'RequestEntityTooLarge'],
  ];
  for (const [body, status, code] of cases) {
    const answer = await sts.post(body);
    assert.equal(answer.status, status, code);
    const text = await answer.text();
    assert.match(
      text,
      new RegExp(`^<ErrorResponse xmlns="[^"]+"><Error><Type>\\w+</Type><Code>${code}</Code>`),
    );
    assert.match(text, /<RequestId>[0-9a-f-]{36}<\/RequestId><\/ErrorResponse>$/);
  }
});
