import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { suite, test } from 'node:test';
import {
  AddLayerVersionPermissionCommand,
  CreateFunctionCommand,
  DeleteLayerVersionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetLayerVersionByArnCommand,
  GetLayerVersionCommand,
  GetLayerVersionPolicyCommand,
  InvokeCommand,
  ListLayersCommand,
  type ListLayersCommandInput,
  ListLayerVersionsCommand,
  PublishLayerVersionCommand,
  type PublishLayerVersionCommandInput,
  PublishVersionCommand,
  RemoveLayerVersionPermissionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { AWS_QUOTAS } from '@lambent/core';
import { zipOf } from '@lambent/testing';
import { sweepCode } from '../code-sweep.ts';
import { CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';
import { checkTotalSize } from './chosen-layers.ts';

const ZIP = await zipOf({ 'nodejs/node_modules/greeting/index.js': "module.exports = 'hello';" });
const DIGEST = createHash('sha256').update(ZIP).digest();
const LAYER = 'arn:aws:lambda:us-east-1:000000000000:layer:l';
const HOUR_MS = 3_600_000;

const publish = ({ client }: TestGateway, input: Partial<PublishLayerVersionCommandInput> = {}) =>
  client.send(new PublishLayerVersionCommand({ LayerName: 'l', Content: { ZipFile: ZIP }, ...input }));
const create = ({ client }: TestGateway, ...Layers: string[]) =>
  client.send(new CreateFunctionCommand({ ...CREATE, Layers }));
const configure = ({ client }: TestGateway, Layers?: string[]) =>
  client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Layers }));

suite('layers', () => {
  test('a version is shown as it was published, under its number and its ARN, with content to download', async () => {
    await using open = await openTestGateway();
    const {
      $metadata,
      Content,
      CreatedDate = '',
      ...published
    } = await publish(open, {
      Description: 'greets',
      CompatibleRuntimes: ['nodejs24.x'],
      CompatibleArchitectures: ['x86_64'],
      LicenseInfo: 'MIT',
    });
    assert.equal($metadata.httpStatusCode, 201);
    assert.match(CreatedDate, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/);
    assert.deepEqual(published, {
      LayerArn: LAYER,
      LayerVersionArn: `${LAYER}:1`,
      Version: 1,
      Description: 'greets',
      CompatibleRuntimes: ['nodejs24.x'],
      CompatibleArchitectures: ['x86_64'],
      LicenseInfo: 'MIT',
    });
    assert.equal(Content?.CodeSize, ZIP.length);
    assert.equal(Content?.CodeSha256, DIGEST.toString('base64'));
    const get = (LayerName: string) =>
      open.client.send(new GetLayerVersionCommand({ LayerName, VersionNumber: 1 }));
    const byArn = open.client.send(new GetLayerVersionByArnCommand({ Arn: `${LAYER}:1` }));
    for (const answer of [get('l'), get(LAYER), byArn]) {
      const { $metadata: _, Content: shown, CreatedDate: __, ...rest } = await answer;
      assert.deepEqual(rest, published);
      const download = await fetch(shown?.Location ?? '');
      assert.deepEqual(Buffer.from(await download.arrayBuffer()), Buffer.from(ZIP));
    }
  });

  test('a version says no more than its owner did, and the next has the next number', async () => {
    await using open = await openTestGateway();
    await publish(open);
    const { $metadata: _, Content: __, CreatedDate: ___, ...second } = await publish(open);
    assert.deepEqual(second, {
      LayerArn: LAYER,
      LayerVersionArn: `${LAYER}:2`,
      Version: 2,
      Description: '',
    });
    await open.client.send(new DeleteLayerVersionCommand({ LayerName: 'l', VersionNumber: 2 }));
    const again = await open.client.send(new DeleteLayerVersionCommand({ LayerName: 'l', VersionNumber: 2 }));
    assert.equal(again.$metadata.httpStatusCode, 204);
    assert.equal((await publish(open)).Version, 3);
  });

  test('lists show what is compatible, page by page', async () => {
    await using open = await openTestGateway();
    for (const LayerName of ['a', 'b']) {
      await publish(open, { LayerName, CompatibleRuntimes: ['python3.13'] });
      await publish(open, { LayerName, CompatibleArchitectures: ['arm64'] });
    }
    const layers = async (input: ListLayersCommandInput) => {
      const { Layers = [], NextMarker } = await open.client.send(new ListLayersCommand(input));
      const shown = Layers.map(
        ({ LayerName, LatestMatchingVersion }) => `${LayerName}:${LatestMatchingVersion?.Version}`,
      );
      return [shown, NextMarker] as const;
    };
    assert.deepEqual(await layers({}), [['a:2', 'b:2'], undefined]);
    assert.deepEqual(await layers({ CompatibleRuntime: 'python3.13' }), [['a:1', 'b:1'], undefined]);
    assert.deepEqual(await layers({ CompatibleArchitecture: 'x86_64' }), [[], undefined]);
    const [first, Marker] = await layers({ MaxItems: 1 });
    assert.deepEqual([first, await layers({ MaxItems: 1, Marker })], [['a:2'], [['b:2'], undefined]]);

    const list = (input: object) =>
      open.client.send(new ListLayerVersionsCommand({ LayerName: 'a', ...input }));
    const { LayerVersions = [], NextMarker } = await list({ MaxItems: 1 });
    assert.equal(LayerVersions[0]?.Version, 2);
    const rest = await list({ Marker: NextMarker });
    assert.deepEqual(
      rest.LayerVersions?.map(({ Version }) => Version),
      [1],
    );
    assert.deepEqual((await list({ LayerName: 'none' })).LayerVersions, []);
    for (const wrong of ['x', Buffer.from('["0"]').toString('base64url')])
      await assert.rejects(
        list({ Marker: wrong }),
        refusedWith('InvalidParameterValueException', 'Invalid Marker.'),
      );
  });

  test('what is not there is not found, each operation in its own words', async () => {
    await using open = await openTestGateway();
    const about = { LayerName: 'l', VersionNumber: 1 };
    const gone = refusedWith('ResourceNotFoundException', 'The resource you requested does not exist.');
    await assert.rejects(open.client.send(new GetLayerVersionCommand(about)), gone);
    await assert.rejects(open.client.send(new GetLayerVersionByArnCommand({ Arn: `${LAYER}:1` })), gone);
    const noVersion = refusedWith('ResourceNotFoundException', `Layer version ${LAYER}:1 does not exist.`);
    await assert.rejects(open.client.send(new GetLayerVersionPolicyCommand(about)), noVersion);
    await assert.rejects(
      open.client.send(new RemoveLayerVersionPermissionCommand({ ...about, StatementId: 's' })),
      noVersion,
    );
    await assert.rejects(
      open.client.send(new GetLayerVersionCommand({ LayerName: 'l', VersionNumber: 0 })),
      refusedWith('InvalidParameterValueException', 'Layer Version Cannot be less than 1'),
    );
  });

  test('what cannot be a layer is refused, and so is one from elsewhere', async () => {
    await using open = await openTestGateway();
    const elsewhere = LAYER.replace('000000000000', '111111111111');
    const cases: readonly [Partial<PublishLayerVersionCommandInput>, string, string | RegExp][] = [
      [{ LayerName: 'no/name' }, 'ValidationException', /at 'layerName' failed to satisfy constraint/],
      [{ LayerName: elsewhere }, 'AccessDeniedException', /lambda:GetLayerVersion/],
      [
        { CompatibleRuntimes: ['cobol' as 'nodejs'] },
        'ValidationException',
        /compatibleRuntimes.*Member must satisfy enum value set/,
      ],
      [
        { Content: { ZipFile: Buffer.from('no zip') } },
        'InvalidParameterValueException',
        'Could not unzip uploaded file. Please check your file, then try to upload again.',
      ],
      [
        { Content: { S3Bucket: 'bucket', S3Key: 'key' } },
        'InvalidParameterValueException',
        'S3Bucket and S3Key: not supported by Lambent yet.',
      ],
    ];
    for (const [input, name, message] of cases)
      await assert.rejects(publish(open, input), refusedWith(name, message));
  });

  test('permissions are statements of the version’s policy', async () => {
    await using open = await openTestGateway();
    await publish(open);
    const about = { LayerName: 'l', VersionNumber: 1 };
    const add = (input: object) =>
      open.client.send(
        new AddLayerVersionPermissionCommand({
          ...about,
          StatementId: 'all',
          Action: 'lambda:GetLayerVersion',
          Principal: '*',
          ...input,
        }),
      );
    const get = () => open.client.send(new GetLayerVersionPolicyCommand(about));
    const none = 'No policy is associated with the given resource.';
    await assert.rejects(get(), refusedWith('ResourceNotFoundException', none));
    const added = await add({ OrganizationId: 'o-0123456789' });
    assert.equal(added.$metadata.httpStatusCode, 201);
    const statement = {
      Sid: 'all',
      Effect: 'Allow',
      Principal: '*',
      Action: 'lambda:GetLayerVersion',
      Resource: `${LAYER}:1`,
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-0123456789' } },
    };
    assert.deepEqual(JSON.parse(added.Statement ?? ''), statement);
    const { Policy = '', RevisionId } = await get();
    assert.deepEqual(JSON.parse(Policy), { Version: '2012-10-17', Id: 'default', Statement: [statement] });
    assert.equal(RevisionId, added.RevisionId);
    await assert.rejects(
      add({}),
      refusedWith('ResourceConflictException', /\(all\) provided already exists/),
    );
    await assert.rejects(
      add({ StatementId: 'b', RevisionId: 'other' }),
      refusedWith('PreconditionFailedException', /Call the GetLayerPolicy API/),
    );
    await assert.rejects(
      add({ StatementId: 'b', Action: 'lambda:InvokeFunction' }),
      refusedWith('ValidationException', /regular expression pattern: lambda:GetLayerVersion/),
    );
    await add({ StatementId: 'b', Principal: '111111111111', RevisionId });
    const remove = (StatementId: string) =>
      open.client.send(new RemoveLayerVersionPermissionCommand({ ...about, StatementId }));
    await assert.rejects(
      remove('c'),
      refusedWith('ResourceNotFoundException', 'Statement c is not found in resource policy.'),
    );
    for (const id of ['all', 'b']) assert.equal((await remove(id)).$metadata.httpStatusCode, 204);
    await assert.rejects(get(), refusedWith('ResourceNotFoundException', none));
  });
});

suite('the layers of a function', () => {
  test('are shown, kept in versions, replaced as a whole and handed to workers in their order', async () => {
    await using open = await openTestGateway();
    await publish(open);
    await publish(open, { LayerName: 'm' });
    const other = LAYER.replace(/l$/, 'm');
    const shown = [LAYER, other].map(arn => ({ Arn: `${arn}:1`, CodeSize: ZIP.length }));
    assert.deepEqual((await create(open, `${LAYER}:1`, `${other}:1`)).Layers, shown);
    const version = await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    assert.deepEqual(version.Layers, shown);
    await open.client.send(new InvokeCommand({ FunctionName: 'f' }));
    assert.deepEqual(
      open.invoker.invocations
        .at(-1)
        ?.spec.layers.map(({ codeSha256, codeBytes }) => [codeSha256, codeBytes]),
      Array.from({ length: 2 }, () => [DIGEST.toString('hex'), BigInt(ZIP.length)]),
    );
    assert.deepEqual((await configure(open)).Layers, shown);
    assert.deepEqual((await configure(open, [`${other}:1`])).Layers, shown.slice(1));
    assert.equal((await configure(open, [])).Layers, undefined);
    const { Configuration } = await open.client.send(
      new GetFunctionCommand({ FunctionName: 'f', Qualifier: '1' }),
    );
    assert.deepEqual(Configuration?.Layers, shown);
  });

  test('are refused unless they are there, few, and of different layers', async () => {
    await using open = await openTestGateway();
    await publish(open);
    await publish(open);
    await create(open);
    const cases: readonly [string[], string, string | RegExp][] = [
      [[`${LAYER}:3`], 'InvalidParameterValueException', `Layer version ${LAYER}:3 does not exist.`],
      [
        [`${LAYER}:1`, `${LAYER}:2`],
        'InvalidParameterValueException',
        `Two different versions of the same layer are not allowed to be referenced in the same function. ${LAYER}:1 and ${LAYER}:2 are versions of the same layer.`,
      ],
      [
        Array.from({ length: 6 }, (_, index) => `${LAYER}${index}:1`),
        'InvalidParameterValueException',
        'Cannot reference more than 5 layers.',
      ],
      [
        [LAYER.replace('us-east-1', 'eu-west-1').concat(':1')],
        'InvalidParameterValueException',
        'Layers are not in the same region as the function. Layers are expected to be in region us-east-1.',
      ],
      [[`${LAYER.replace('000000000000', '111111111111')}:1`], 'AccessDeniedException', /GetLayerVersion/],
      [[LAYER], 'ValidationException', /at 'layers' failed to satisfy constraint/],
    ];
    for (const [layers, name, message] of cases) {
      await assert.rejects(configure(open, layers), refusedWith(name, message));
      await assert.rejects(
        open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'g', Layers: layers })),
        refusedWith(name, message),
      );
    }
  });

  test('count with its code towards the unpacked size', () => {
    const of = (unzippedBytes: number) => ({ digest: DIGEST.toString('hex'), bytes: 1, unzippedBytes });
    const layers = [100_000_000, 100_000_000].map((bytes, index) => ({
      arn: `${LAYER}:${index}`,
      code: of(bytes),
    }));
    checkTotalSize({ quotas: AWS_QUOTAS }, of(62_144_000), layers);
    assert.throws(
      () => checkTotalSize({ quotas: AWS_QUOTAS }, of(62_144_001), layers),
      refusedWith(
        'InvalidParameterValueException',
        'Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 262144001 bytes.',
      ),
    );
  });

  test('work on when their versions are deleted, and then keep their packages, for as long as they are used', async () => {
    await using open = await openTestGateway();
    await publish(open);
    await create(open, `${LAYER}:1`);
    await open.client.send(new DeleteLayerVersionCommand({ LayerName: 'l', VersionNumber: 1 }));
    await assert.rejects(
      configure(open, [`${LAYER}:1`]),
      refusedWith('InvalidParameterValueException', `Layer version ${LAYER}:1 does not exist.`),
    );
    assert.equal((await configure(open)).Layers?.[0]?.Arn, `${LAYER}:1`);
    const sweep = async () => {
      await open.age(DIGEST.toString('hex'), HOUR_MS);
      await sweepCode(open, { signal: new AbortController().signal });
      return open.blobs.stat(DIGEST.toString('hex'));
    };
    assert.ok(await sweep());
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    await configure(open, []);
    assert.ok(await sweep());
    await open.client.send(
      new UpdateFunctionCodeCommand({ FunctionName: 'f', ZipFile: await zipOf({ 'index.js': '' }) }),
    );
    await publish(open, { LayerName: 'again' });
    assert.ok(await sweep());
    const { AccountUsage } = await open.client.send(new GetAccountSettingsCommand({}));
    assert.ok((AccountUsage?.TotalCodeSize ?? 0) > ZIP.length);
  });
});
