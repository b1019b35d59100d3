import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import {
  CreateCodeSigningConfigCommand,
  type CreateCodeSigningConfigCommandInput,
  CreateFunctionCommand,
  DeleteCodeSigningConfigCommand,
  DeleteFunctionCodeSigningConfigCommand,
  DeleteFunctionCommand,
  GetCodeSigningConfigCommand,
  GetFunctionCodeSigningConfigCommand,
  ListCodeSigningConfigsCommand,
  ListFunctionsByCodeSigningConfigCommand,
  ListTagsCommand,
  PublishLayerVersionCommand,
  PutFunctionCodeSigningConfigCommand,
  TagResourceCommand,
  UpdateCodeSigningConfigCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { TestSigner } from '@lambent/testing';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const PROFILE = 'arn:aws:signer:us-east-1:000000000000:/signing-profiles/team/abcdefghij';
const OTHER_PROFILE = PROFILE.replace('team', 'others');
const NONE = 'arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-00000000000000000';
const ENTRIES = [{ name: 'index.js', content: 'exports.handler = async () => 1;' }];
const signer = await TestSigner.create();
const directory = await mkdtemp(join(tmpdir(), 'lambent-signing-'));
after(() => rm(directory, { recursive: true }));
const codeSigningRoots = join(directory, 'roots.pem');
await writeFile(codeSigningRoots, `Ours:\n${signer.root}\n`);

const SIGNED = signer.sign(ENTRIES, { profileVersionArn: PROFILE });
const BROKEN = signer.sign(ENTRIES, { profileVersionArn: PROFILE }, [{ name: 'index.js', content: '' }]);
const UNTRUSTED = [
  CREATE.Code?.ZipFile ?? Buffer.alloc(0),
  signer.sign(ENTRIES, { profileVersionArn: OTHER_PROFILE }),
  signer.sign(ENTRIES, { profileVersionArn: PROFILE, expiresMs: 1 }),
  (await TestSigner.create()).sign(ENTRIES, { profileVersionArn: PROFILE }),
];

const open = () => openTestGateway({ codeSigningRoots });
const configure = async (
  { client }: TestGateway,
  policy: 'Warn' | 'Enforce' | undefined,
  input: Partial<CreateCodeSigningConfigCommandInput> = {},
) => {
  const { CodeSigningConfig } = await client.send(
    new CreateCodeSigningConfigCommand({
      AllowedPublishers: { SigningProfileVersionArns: [PROFILE] },
      ...(policy && { CodeSigningPolicies: { UntrustedArtifactOnDeployment: policy } }),
      ...input,
    }),
  );
  return CodeSigningConfig?.CodeSigningConfigArn ?? '';
};
const create = (
  { client }: TestGateway,
  CodeSigningConfigArn: string | undefined,
  ZipFile: Uint8Array,
  FunctionName = 'f',
) =>
  client.send(
    new CreateFunctionCommand({ ...CREATE, FunctionName, CodeSigningConfigArn, Code: { ZipFile } }),
  );
const refusedFor = (name: string) =>
  refusedWith(
    'CodeVerificationFailedException',
    `Lambda cannot deploy the function. The function or layer might be signed using a signature that the client is not configured to accept. Check the provided signature for ${name}.`,
  );
const refusedAsBroken = refusedWith('InvalidCodeSignatureException', /failed the integrity check/);

suite('code signing configurations', () => {
  test('are made, shown, changed, tagged, listed and deleted', async () => {
    await using gateway = await open();
    const { client } = gateway;
    const { $metadata, CodeSigningConfig: made } = await client.send(
      new CreateCodeSigningConfigCommand({
        AllowedPublishers: { SigningProfileVersionArns: [PROFILE] },
        Tags: { team: 'one' },
      }),
    );
    assert.equal($metadata.httpStatusCode, 201);
    const { CodeSigningConfigArn = '', CodeSigningConfigId = '', LastModified = '', ...rest } = made ?? {};
    assert.match(CodeSigningConfigId, /^csc-[a-z0-9]{17}$/);
    assert.equal(CodeSigningConfigArn, NONE.replace(/csc-.*/, CodeSigningConfigId));
    assert.match(LastModified, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    const AllowedPublishers = { SigningProfileVersionArns: [PROFILE] };
    const CodeSigningPolicies = { UntrustedArtifactOnDeployment: 'Warn' };
    assert.deepEqual(rest, { Description: '', AllowedPublishers, CodeSigningPolicies });
    const get = () => client.send(new GetCodeSigningConfigCommand({ CodeSigningConfigArn }));
    assert.deepEqual((await get()).CodeSigningConfig, made);
    const { CodeSigningConfig: changed } = await client.send(
      new UpdateCodeSigningConfigCommand({
        CodeSigningConfigArn,
        CodeSigningPolicies: { UntrustedArtifactOnDeployment: 'Enforce' },
      }),
    );
    assert.equal(changed?.CodeSigningPolicies?.UntrustedArtifactOnDeployment, 'Enforce');
    assert.deepEqual(changed?.AllowedPublishers, AllowedPublishers);
    await client.send(new TagResourceCommand({ Resource: CodeSigningConfigArn, Tags: { stage: 'test' } }));
    const { Tags } = await client.send(new ListTagsCommand({ Resource: CodeSigningConfigArn }));
    assert.deepEqual(Tags, { team: 'one', stage: 'test' });
    await configure(gateway, 'Warn');
    const list = (input: object) => client.send(new ListCodeSigningConfigsCommand(input));
    const first = await list({ MaxItems: 1 });
    const second = await list({ Marker: first.NextMarker });
    assert.deepEqual([first.CodeSigningConfigs?.length, second.CodeSigningConfigs?.length], [1, 1]);
    assert.equal(second.NextMarker, undefined);
    const deleted = await client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn }));
    assert.equal(deleted.$metadata.httpStatusCode, 204);
    await assert.rejects(
      get(),
      refusedWith(
        'ResourceNotFoundException',
        `The Lambda code signing configuration ${CodeSigningConfigArn} can not be found.`,
      ),
    );
  });

  test('that are not there are not found, each operation in its own words', async () => {
    await using gateway = await open();
    const { client } = gateway;
    await create(gateway, undefined, SIGNED);
    const about = { CodeSigningConfigArn: NONE };
    const gone = refusedWith(
      'ResourceNotFoundException',
      `The Lambda code signing configuration ${NONE} can not be found.`,
    );
    await assert.rejects(client.send(new GetCodeSigningConfigCommand(about)), gone);
    await assert.rejects(client.send(new UpdateCodeSigningConfigCommand(about)), gone);
    await assert.rejects(client.send(new DeleteCodeSigningConfigCommand(about)), gone);
    await assert.rejects(client.send(new ListFunctionsByCodeSigningConfigCommand(about)), gone);
    const notDeleted = refusedWith(
      'CodeSigningConfigNotFoundException',
      `The code signing configuration cannot be found. Check that the provided configuration is not deleted: ${NONE}.`,
    );
    await assert.rejects(
      client.send(new PutFunctionCodeSigningConfigCommand({ ...about, FunctionName: 'f' })),
      notDeleted,
    );
    await assert.rejects(create(gateway, NONE, SIGNED, 'g'), notDeleted);
    await assert.rejects(
      configure(gateway, 'Warn', { AllowedPublishers: { SigningProfileVersionArns: [] } }),
      {
        name: 'ValidationException',
      },
    );
  });

  test('know the functions that use them, and are not deleted while there are any', async () => {
    await using gateway = await open();
    const { client } = gateway;
    const [one, other] = [await configure(gateway, 'Warn'), await configure(gateway, 'Warn')];
    await create(gateway, one, SIGNED);
    await create(gateway, undefined, SIGNED, 'g');
    const users = async (CodeSigningConfigArn: string) => {
      const command = new ListFunctionsByCodeSigningConfigCommand({ CodeSigningConfigArn });
      return (await client.send(command)).FunctionArns;
    };
    const put = (FunctionName: string, CodeSigningConfigArn: string) =>
      client.send(new PutFunctionCodeSigningConfigCommand({ FunctionName, CodeSigningConfigArn }));
    const get = async (FunctionName: string) =>
      (await client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName }))).CodeSigningConfigArn;
    const remove = (CodeSigningConfigArn: string) =>
      client.send(new DeleteCodeSigningConfigCommand({ CodeSigningConfigArn }));
    assert.deepEqual([await users(one), await get('f'), await get('g')], [[ARN], one, undefined]);
    await put('g', one);
    await put('f', other);
    assert.deepEqual([await users(one), await users(other)], [[ARN.replace(/f$/, 'g')], [ARN]]);
    await put('f', other);
    for (const arn of [one, other])
      await assert.rejects(remove(arn), refusedWith('ResourceConflictException', /in use/));
    await client.send(new DeleteFunctionCodeSigningConfigCommand({ FunctionName: 'g' }));
    assert.equal(await get('g'), undefined);
    await client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    for (const arn of [one, other]) await remove(arn);
  });
});

suite('a function with a code signing configuration', () => {
  test('takes what an allowed profile signed, and says which and by which job', async () => {
    await using gateway = await open();
    const made = await create(gateway, await configure(gateway, 'Enforce'), SIGNED);
    assert.equal(made.SigningProfileVersionArn, PROFILE);
    assert.equal(made.SigningJobArn, 'arn:aws:signer:us-east-1:000000000000:/signing-jobs/test');
    const ZipFile = signer.sign([{ name: 'index.js', content: 'x' }], { profileVersionArn: PROFILE });
    await gateway.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile }));
  });

  test('takes nothing else where that is enforced', async () => {
    await using gateway = await open();
    const arn = await configure(gateway, 'Enforce');
    await create(gateway, arn, SIGNED);
    for (const ZipFile of UNTRUSTED) {
      await assert.rejects(create(gateway, arn, ZipFile, 'g'), refusedFor('g'));
      await assert.rejects(
        gateway.client.send(new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile })),
        refusedFor('f'),
      );
    }
    await assert.rejects(create(gateway, arn, BROKEN, 'g'), refusedAsBroken);
  });

  test('takes it with a warning otherwise, but never what was changed after it was signed', async () => {
    await using gateway = await open();
    const arn = await configure(gateway, undefined);
    for (const [index, ZipFile] of UNTRUSTED.entries()) await create(gateway, arn, ZipFile, `f${index}`);
    await assert.rejects(create(gateway, arn, BROKEN), refusedAsBroken);
    // Nobody asks who signed.
    await create(gateway, undefined, BROKEN);
    await gateway.client.send(
      new PutFunctionCodeSigningConfigCommand({ FunctionName: 'f', CodeSigningConfigArn: arn }),
    );
    await assert.rejects(
      gateway.client.send(
        new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: BROKEN, DryRun: true }),
      ),
      refusedAsBroken,
    );
  });

  test('asks it of its layers as well', async () => {
    await using gateway = await open();
    const publish = async (LayerName: string, ZipFile: Uint8Array) => {
      const command = new PublishLayerVersionCommand({ LayerName, Content: { ZipFile } });
      return (await gateway.client.send(command)).LayerVersionArn ?? '';
    };
    await create(gateway, await configure(gateway, 'Enforce'), SIGNED);
    const configured = (...Layers: string[]) =>
      gateway.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Layers }));
    const trusted = await publish('trusted', SIGNED);
    const [layer] = (await configured(trusted)).Layers ?? [];
    assert.deepEqual([layer?.Arn, layer?.SigningProfileVersionArn], [trusted, PROFILE]);
    const unsigned = await publish('unsigned', UNTRUSTED[0] ?? SIGNED);
    await assert.rejects(configured(trusted, unsigned), refusedFor(unsigned));
    await assert.rejects(configured(await publish('broken', BROKEN)), refusedAsBroken);
  });
});

test('a gateway does not start with roots that it cannot read', async () => {
  await assert.rejects(openTestGateway({ codeSigningRoots: join(directory, 'none.pem') }), {
    reason: 'certificate-invalid',
  });
  await writeFile(join(directory, 'empty.pem'), 'nothing');
  await assert.rejects(openTestGateway({ codeSigningRoots: join(directory, 'empty.pem') }), {
    message: /it holds no certificate/,
  });
});
