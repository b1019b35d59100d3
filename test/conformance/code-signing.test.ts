/** Code signing where nobody is trusted: what nobody allowed has signed is told apart from what was changed. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  type CodeSigningPolicy,
  CreateCodeSigningConfigCommand,
  CreateFunctionCommand,
  DeleteCodeSigningConfigCommand,
  DeleteFunctionCodeSigningConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  type LambdaClient,
  ListFunctionsByCodeSigningConfigCommand,
  PutFunctionCodeSigningConfigCommand,
  UpdateCodeSigningConfigCommand,
  UpdateFunctionCodeCommand,
} from '@aws-sdk/client-lambda';
import { TestSigner, zipOf } from '@lambent/testing';
import { deploy, ROLE } from '../deployed-function.ts';
import { openTarget, type Target } from './target.ts';

const profileVersionArn = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/team/abcdefghij';
const FILES = { 'index.js': 'exports.handler = async () => 1;' };

describe('code signing', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  const configure = async (UntrustedArtifactOnDeployment: CodeSigningPolicy) => {
    const { CodeSigningConfig } = await client.send(
      new CreateCodeSigningConfigCommand({
        AllowedPublishers: { SigningProfileVersionArns: [profileVersionArn] },
        CodeSigningPolicies: { UntrustedArtifactOnDeployment },
      }),
    );
    return CodeSigningConfig?.CodeSigningConfigArn ?? '';
  };

  test('refuses what is not signed as its policy says, and what was changed always', async () => {
    const CodeSigningConfigArn = await configure('Warn');
    const { name: FunctionName } = await deploy(client, { files: FILES });
    await client.send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }));
    const update = (ZipFile: Uint8Array) =>
      client.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
    await update(await zipOf(FILES));
    await client.send(
      new UpdateCodeSigningConfigCommand({
        CodeSigningConfigArn,
        CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Enforce' },
      }),
    );
    await assert.rejects(update(await zipOf(FILES)), { name: 'CodeVerificationFailedException' });
    const signer = await TestSigner.create();
    const entries = [{ name: 'index.js', content: FILES['index.js'] }];
    await assert.rejects(update(signer.sign(entries, { profileVersionArn })), {
      name: 'CodeVerificationFailedException',
    });
    const changed = signer.sign(entries, { profileVersionArn }, [{ name: 'index.js', content: '' }]);
    await assert.rejects(update(changed), { name: 'InvalidCodeSignatureException' });
    await assert.rejects(
      client.send(
        new CreateFunctionCommand({
          FunctionName: `${FunctionName}-unsigned`,
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Role: ROLE,
          Code: { ZipFile: await zipOf(FILES) },
          CodeSigningConfigArn,
        }),
      ),
      { name: 'CodeVerificationFailedException' },
    );
  });

  test('a configuration lasts for as long as a function uses it', async () => {
    const CodeSigningConfigArn = await configure('Warn');
    const { name: FunctionName } = await deploy(client, { files: FILES });
    await client.send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }));
    const { FunctionArns = [] } = await client.send(
      new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn }),
    );
    assert.deepEqual(
      FunctionArns.map(arn => arn.split(':').at(-1)),
      [FunctionName],
    );
    const remove = () => client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn }));
    await assert.rejects(remove(), { name: 'ResourceConflictException' });
    await client.send(new DeleteFunctionCodeSigningConfigCommand({ FunctionName }));
    const shown = await client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }));
    assert.equal(shown.CodeSigningConfigArn, undefined);
    await remove();
    await assert.rejects(
      client.send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn })),
      {
        name: 'CodeSigningConfigNotFoundException',
        message: `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${CodeSigningConfigArn}.`,
      },
    );
  });
});
