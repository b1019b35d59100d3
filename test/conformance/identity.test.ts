/** Roles, policies and sessions, by the AWS CLI, and what they let through to a URL of `AWS_IAM`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { CreateFunctionUrlConfigCommand } from '@aws-sdk/client-lambda';
import { TEST_TOOLS } from '@lambent/testing';
import { Sha256 } from '@smithy/core/checksum';
import { SignatureV4 } from '@smithy/signature-v4';
import { deploy } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const run = promisify(execFile);

const TRUST = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const CALLS_URLS = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'], Resource: '*' },
  ],
});
const BASIC = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole';
const CODE = {
  'index.mjs': 'export const handler = async event => event.requestContext.authorizer?.iam?.userArn;',
};

interface Session {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

describe('roles and who has them', () => {
  let lambent: Target;
  before(async () => {
    lambent = await openTarget();
  });
  after(() => lambent[Symbol.asyncDispose]());

  /** What `aws …` prints, parsed. */
  async function aws(args: readonly string[], session?: Session): Promise<Record<string, unknown>> {
    const env = {
      ...lambent.clientEnvironment,
      ...(session && {
        AWS_ACCESS_KEY_ID: session.accessKeyId,
        AWS_SECRET_ACCESS_KEY: session.secretAccessKey,
        AWS_SESSION_TOKEN: session.sessionToken,
      }),
    };
    const { stdout } = await run(TEST_TOOLS.awsCli, ['--output', 'json', ...args], { env });
    return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  async function createRole(): Promise<{ readonly name: string; readonly arn: string }> {
    const name = `role-${randomUUID().slice(0, 8)}`;
    const { Role } = await aws([
      ...['iam', 'create-role', '--role-name', name],
      ...['--assume-role-policy-document', TRUST],
    ]);
    return { name, arn: (Role as { Arn: string }).Arn };
  }

  async function assume(arn: string): Promise<Session> {
    const { Credentials } = await aws([
      ...['sts', 'assume-role', '--role-arn', arn],
      ...['--role-session-name', 'session'],
    ]);
    const { AccessKeyId, SecretAccessKey, SessionToken } = Credentials as Record<string, string>;
    assert.ok(AccessKeyId && SecretAccessKey && SessionToken);
    return { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken };
  }

  test('a role is created, given policies, shown and deleted', async () => {
    const { name, arn } = await createRole();
    assert.match(arn, new RegExp(`^arn:aws:iam::\\d{12}:role/${name}$`));
    const about = ['--role-name', name];
    await aws(['iam', 'attach-role-policy', ...about, '--policy-arn', BASIC]);
    await aws(['iam', 'put-role-policy', ...about, '--policy-name', 'own', '--policy-document', CALLS_URLS]);
    const attached = await aws(['iam', 'list-attached-role-policies', ...about]);
    assert.deepEqual(attached, {
      AttachedPolicies: [{ PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: BASIC }],
    });
    const { PolicyDocument } = await aws(['iam', 'get-role-policy', ...about, '--policy-name', 'own']);
    assert.deepEqual(PolicyDocument, JSON.parse(CALLS_URLS));
    await assert.rejects(aws(['iam', 'delete-role', ...about]), /DeleteConflict/);
    await aws(['iam', 'detach-role-policy', ...about, '--policy-arn', BASIC]);
    await aws(['iam', 'delete-role-policy', ...about, '--policy-name', 'own']);
    await aws(['iam', 'delete-role', ...about]);
    await assert.rejects(aws(['iam', 'get-role', ...about]), /NoSuchEntity.*cannot be found/);
  });

  test('whoever assumes a role is that role, and calls what it may', async () => {
    const { name, arn } = await createRole();
    const session = await assume(arn);
    const { Arn } = await aws(['sts', 'get-caller-identity'], session);
    assert.match(String(Arn), new RegExp(`:assumed-role/${name}/session$`));

    const client = lambent.client();
    const fn = await deploy(client, { files: CODE });
    const { FunctionUrl = '' } = await client.send(
      new CreateFunctionUrlConfigCommand({ FunctionName: fn.name, AuthType: 'AWS_IAM' }),
    );
    assert.equal((await fetch(FunctionUrl)).status, 403, 'unsigned');
    assert.equal((await call(FunctionUrl, session)).status, 403, 'without a policy');
    await aws([
      ...['iam', 'put-role-policy', '--role-name', name],
      ...['--policy-name', 'calls', '--policy-document', CALLS_URLS],
    ]);
    assert.deepEqual(await call(FunctionUrl, session), { status: 200, text: String(Arn) });
    const forged = { ...session, secretAccessKey: 'another' };
    assert.equal((await call(FunctionUrl, forged)).status, 403, 'forged');
  });
});

/** Signed as the AWS SDKs sign. */
async function call(url: string, credentials: Session): Promise<{ status: number; text: string }> {
  const { protocol, host, hostname, pathname: path } = new URL(url);
  const signer = new SignatureV4({ service: 'lambda', region: 'us-east-1', credentials, sha256: Sha256 });
  const unsigned = { method: 'GET', protocol, hostname, path, headers: { host } };
  const { headers } = await signer.sign(unsigned);
  const answer = await fetch(url, { headers });
  return { status: answer.status, text: await answer.text() };
}
