import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  type CreateFunctionCommandInput,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { forgeZip } from '@lambent/testing';
import { ARN, CREATE, openTestGateway, ROLE, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const create = ({ client }: TestGateway, input: Partial<CreateFunctionCommandInput> = {}) =>
  client.send(new CreateFunctionCommand({ ...CREATE, ...input }));
const ZIP = CREATE.Code?.ZipFile ?? new Uint8Array();

suite('CreateFunction', () => {
  test('the answer shows the passing state, the next read the lasting one, with another revision id', async () => {
    await using open = await openTestGateway();
    const { $metadata, LastModified, RevisionId, RuntimeVersionConfig, ...created } = await create(open);
    assert.equal($metadata.httpStatusCode, 201);
    assert.match(LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    assert.match(
      RuntimeVersionConfig?.RuntimeVersionArn ?? '',
      /^arn:aws:lambda:us-east-1::runtime:[0-9a-f]{64}$/,
    );
    const lasting = {
      FunctionName: 'f',
      FunctionArn: ARN,
      Runtime: 'nodejs24.x',
      Role: ROLE,
      Handler: 'index.handler',
      CodeSize: ZIP.length,
      CodeSha256: createHash('sha256').update(ZIP).digest('base64'),
      Description: '',
      Timeout: 3,
      MemorySize: 128,
      Version: '$LATEST',
      TracingConfig: { Mode: 'PassThrough' },
      PackageType: 'Zip',
      Architectures: ['x86_64'],
      EphemeralStorage: { Size: 512 },
      SnapStart: { ApplyOn: 'None', OptimizationStatus: 'Off' },
      LoggingConfig: { LogFormat: 'Text', LogGroup: '/aws/lambda/f' },
    };
    assert.deepEqual(created, {
      ...lasting,
      State: 'Pending',
      StateReason: 'The function is being created.',
      StateReasonCode: 'Creating',
    });
    const { Configuration, Code, Tags } = await open.client.send(
      new GetFunctionCommand({ FunctionName: 'f' }),
    );
    const { RevisionId: stored, LastModified: _, RuntimeVersionConfig: __, ...shown } = Configuration ?? {};
    assert.deepEqual(shown, { ...lasting, State: 'Active', LastUpdateStatus: 'Successful' });
    assert.notEqual(stored, RevisionId);
    assert.equal(Code?.RepositoryType, 'S3');
    assert.equal(Tags, undefined);
  });

  test('everything that is given is given back', async () => {
    await using open = await openTestGateway();
    await create(open, {
      Description: 'd',
      Timeout: 900,
      MemorySize: 10_240,
      EphemeralStorage: { Size: 1_024 },
      Architectures: ['arm64'],
      Environment: { Variables: { AA: 'ä' } },
      LoggingConfig: { LogFormat: 'JSON', LogGroup: 'custom', ApplicationLogLevel: 'WARN' },
      TracingConfig: { Mode: 'Active' },
      Runtime: 'python3.13',
      SnapStart: { ApplyOn: 'PublishedVersions' },
      KMSKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k',
      VpcConfig: { SubnetIds: ['subnet-1'], SecurityGroupIds: ['sg-1'] },
      Tags: { team: 'a' },
    });
    const { Configuration, Tags } = await open.client.send(new GetFunctionCommand({ FunctionName: 'f' }));
    assert.deepEqual(Tags, { team: 'a' });
    const { Description, Timeout, MemorySize, EphemeralStorage, Architectures, Environment } =
      Configuration ?? {};
    assert.deepEqual(
      { Description, Timeout, MemorySize, EphemeralStorage, Architectures, Environment },
      {
        Description: 'd',
        Timeout: 900,
        MemorySize: 10_240,
        EphemeralStorage: { Size: 1_024 },
        Architectures: ['arm64'],
        Environment: { Variables: { AA: 'ä' } },
      },
    );
    assert.deepEqual(Configuration?.LoggingConfig, {
      LogFormat: 'JSON',
      LogGroup: 'custom',
      ApplicationLogLevel: 'WARN',
      SystemLogLevel: 'INFO',
    });
    assert.deepEqual(Configuration?.TracingConfig, { Mode: 'Active' });
    assert.deepEqual(Configuration?.SnapStart, { ApplyOn: 'PublishedVersions', OptimizationStatus: 'Off' });
    assert.equal(Configuration?.KMSKeyArn, 'arn:aws:kms:us-east-1:000000000000:key/k');
    assert.deepEqual(Configuration?.VpcConfig, {
      VpcId: '',
      SubnetIds: ['subnet-1'],
      SecurityGroupIds: ['sg-1'],
      Ipv6AllowedForDualStack: false,
    });
  });

  test('an empty environment is shown, one that was never given is not', async () => {
    await using open = await openTestGateway();
    assert.deepEqual((await create(open, { Environment: { Variables: {} } })).Environment, { Variables: {} });
    assert.equal((await create(open, { FunctionName: 'g' })).Environment, undefined);
  });

  test('a runtime that no worker has makes the function Failed, with the reason', async () => {
    await using open = await openTestGateway();
    await create(open, { Runtime: 'ruby3.4' });
    const shown = await open.client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f' }));
    assert.equal(shown.State, 'Failed');
    assert.equal(shown.StateReason, 'No worker has the runtime ruby3.4.');
    assert.equal(shown.StateReasonCode, 'InvalidRuntime');
  });

  test('Publish makes version 1 at once', async () => {
    await using open = await openTestGateway();
    const created = await create(open, { Publish: true });
    assert.deepEqual([created.Version, created.FunctionArn, created.State], ['1', ARN, 'Pending']);
    const one = await open.client.send(
      new GetFunctionConfigurationCommand({ FunctionName: 'f', Qualifier: '1' }),
    );
    assert.deepEqual([one.FunctionArn, one.State], [`${ARN}:1`, 'Active']);
  });

  test('of many who create one name at once, one does', async () => {
    await using open = await openTestGateway();
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => create(open)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    await assert.rejects(create(open), refusedWith('ResourceConflictException', 'Function already exist: f'));
  });

  const invalid: readonly (readonly [string, Partial<CreateFunctionCommandInput>, string | RegExp])[] = [
    [
      'no runtime',
      { Runtime: undefined },
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
    ],
    [
      'a runtime that AWS no longer has',
      { Runtime: 'nodejs16.x' },
      'The runtime parameter of nodejs16.x is no longer supported for creating or updating AWS Lambda functions. We recommend you use a supported runtime while creating or updating functions.',
    ],
    [
      'a runtime that AWS never had',
      { Runtime: 'cobol' as 'nodejs24.x' },
      /^Value cobol at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: \[.*\] or be a valid ARN$/,
    ],
    [
      'reserved variables',
      { Environment: { Variables: { AWS_REGION: 'x', AWS_ACCESS_KEY_ID: 'y' } } },
      'Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: AWS_REGION, AWS_ACCESS_KEY_ID',
    ],
    [
      'a variable that no process can be given',
      { Environment: { Variables: { GOOD: 'x', BAD: 'a\0b' } } },
      'Environment variables cannot hold a NUL character: BAD',
    ],
    [
      'variables of more than 4 KB',
      { Environment: { Variables: { BIG: 'x'.repeat(4_096) } } },
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"BIG":"${'x'.repeat(4_096)}"}`,
    ],
    [
      'what is no ZIP',
      { Code: { ZipFile: Buffer.from('no zip') } },
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    ],
    [
      'a ZIP that leaves its directory',
      { Code: { ZipFile: forgeZip([{ name: '../x', content: Buffer.from('x') }]) } },
      'Could not unzip uploaded file. Please check your file, then try to upload again.',
    ],
    ['no code', { Code: {} }, 'Please provide a source for function code.'],
    [
      'code in S3',
      { Code: { S3Bucket: 'bucket', S3Key: 'key' } },
      'S3Bucket and S3Key: not supported by Lambent yet.',
    ],
    ['an image', { Code: { ImageUri: 'x' } }, 'ImageUri: not supported by Lambent yet.'],
    [
      'a dead letter queue',
      { DeadLetterConfig: { TargetArn: 'arn:aws:sqs:us-east-1:000000000000:q' } },
      'DeadLetterConfig: not supported by Lambent yet.',
    ],
    [
      'log levels of text logs',
      { LoggingConfig: { LogFormat: 'Text', SystemLogLevel: 'INFO' } },
      'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
    ],
    [
      'too many tags',
      { Tags: Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, ''])) },
      'Number of tags exceeds resource tag limit.',
    ],
    [
      'a name of more than 64 characters',
      { FunctionName: 'n'.repeat(65) },
      `1 validation error detected: Value '${'n'.repeat(65)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
  ];
  for (const [what, input, message] of invalid)
    test(`${what}: refused in AWS's words`, async () => {
      await using open = await openTestGateway();
      await assert.rejects(create(open, input), refusedWith('InvalidParameterValueException', message));
    });

  test('a package of more than 50 MB is refused before it is read', async () => {
    await using open = await openTestGateway();
    await assert.rejects(
      create(open, { Code: { ZipFile: Buffer.alloc(52_428_801) } }),
      refusedWith('RequestEntityTooLargeException', 'Zipped size must be smaller than 52428800 bytes'),
    );
  });

  test('empty forms of what is not there yet pass, as tools send them', async () => {
    await using open = await openTestGateway();
    await create(open, { Layers: [], FileSystemConfigs: [], DeadLetterConfig: {} });
  });
});
