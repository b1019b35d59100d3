import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  type AliasConfiguration,
  CreateAliasCommand,
  type CreateAliasCommandInput,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  GetAliasCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  InvokeCommand,
  ListAliasesCommand,
  type ListAliasesCommandInput,
  PublishVersionCommand,
  UpdateAliasCommand,
  type UpdateAliasCommandInput,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const create = ({ client }: TestGateway, input: Partial<CreateAliasCommandInput> = {}) =>
  client.send(new CreateAliasCommand({ FunctionName: 'f', Name: 'live', FunctionVersion: '1', ...input }));
const update = ({ client }: TestGateway, input: Partial<UpdateAliasCommandInput> = {}) =>
  client.send(new UpdateAliasCommand({ FunctionName: 'f', Name: 'live', ...input }));
const get = ({ client }: TestGateway) =>
  client.send(new GetAliasCommand({ FunctionName: 'f', Name: 'live' }));
const remove = ({ client }: TestGateway) =>
  client.send(new DeleteAliasCommand({ FunctionName: 'f', Name: 'live' }));
const weights = (AdditionalVersionWeights: Record<string, number>) => ({
  RoutingConfig: { AdditionalVersionWeights },
});

/** With the function f and so many versions of it. */
async function openWithVersions(count: number): Promise<TestGateway> {
  const open = await openTestGateway();
  const { client } = open;
  await client.send(new CreateFunctionCommand(CREATE));
  for (let i = 1; i <= count; i++) {
    await client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: i + 1 }));
    await client.send(new PublishVersionCommand({ FunctionName: 'f' }));
  }
  return open;
}

suite('an alias', () => {
  test('is created, got, updated and deleted, with a new revision id for each change', async () => {
    await using open = await openWithVersions(2);
    const { $metadata, ...created } = await create(open);
    assert.equal($metadata.httpStatusCode, 201);
    assert.deepEqual(created, {
      AliasArn: `${ARN}:live`,
      Name: 'live',
      FunctionVersion: '1',
      Description: '',
      RevisionId: created.RevisionId,
    });
    const { $metadata: _, ...got } = await get(open);
    assert.deepEqual(got, created);

    const updated = await update(open, { FunctionVersion: '2', RevisionId: created.RevisionId });
    assert.equal(updated.FunctionVersion, '2');
    assert.notEqual(updated.RevisionId, created.RevisionId);
    assert.equal((await update(open, { Description: 'now' })).FunctionVersion, '2');
    await assert.rejects(
      update(open, { RevisionId: created.RevisionId }),
      refusedWith(
        'PreconditionFailedException',
        'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      ),
    );

    assert.equal((await remove(open)).$metadata.httpStatusCode, 204);
    assert.equal((await remove(open)).$metadata.httpStatusCode, 204);
  });

  test('that is not there is not found, each operation in its own words', async () => {
    await using open = await openWithVersions(1);
    await assert.rejects(
      get(open),
      refusedWith('ResourceNotFoundException', `Cannot find alias arn: ${ARN}:live`),
    );
    await assert.rejects(
      update(open),
      refusedWith('ResourceNotFoundException', `Alias not found: ${ARN}:live`),
    );
    const gone = `Function not found: ${ARN}`;
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    for (const attempt of [create, get, update, remove, list])
      await assert.rejects(attempt(open), refusedWith('ResourceNotFoundException', gone));
  });

  test('points at what is there, and under a name that is free', async () => {
    await using open = await openWithVersions(1);
    await assert.rejects(
      create(open, { FunctionVersion: '2' }),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:2`),
    );
    await create(open, { FunctionVersion: '$LATEST' });
    await assert.rejects(
      create(open),
      refusedWith('ResourceConflictException', `Alias already exists: ${ARN}:live`),
    );
    await assert.rejects(
      create(open, { Name: '1' }),
      refusedWith(
        'ValidationException',
        "1 validation error detected: Value '1' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
      ),
    );
  });

  test('divides invocations between two versions, as AWS lets it', async () => {
    await using open = await openWithVersions(3);
    const { RoutingConfig } = await create(open, weights({ 2: 0.25 }));
    assert.deepEqual(RoutingConfig, { AdditionalVersionWeights: { 2: 0.25 } });
    const refusals = [
      [weights({ 2: 0.1, 3: 0.1 }), 'Number of items in AdditionalVersionWeights cannot be greater than 1'],
      [
        weights({ 1: 0.1 }),
        'Invalid function version 1. Function version 1 is already included in routing configuration.',
      ],
      [
        { FunctionVersion: '2' },
        'Invalid function version 2. Function version 2 is already included in routing configuration.',
      ],
      [
        { FunctionVersion: '$LATEST' },
        '$LATEST is not supported for an alias pointing to more than 1 version',
      ],
    ] as const;
    for (const [input, message] of refusals)
      await assert.rejects(update(open, input), refusedWith('InvalidParameterValueException', message));
    await assert.rejects(
      update(open, weights({ 9: 0.1 })),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:9`),
    );
    await assert.rejects(
      update(open, weights({ 2: 1.5 })),
      refusedWith(
        'ValidationException',
        "1 validation error detected: Value '{2=1.5}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or equal to 1.0, Member must have value greater than or equal to 0.0, Member must not be null]",
      ),
    );
    assert.deepEqual((await get(open)).RoutingConfig, RoutingConfig);
    assert.equal((await update(open, weights({}))).RoutingConfig, undefined);
  });

  test('names the version that runs, and is named by it', async () => {
    await using open = await openWithVersions(2);
    await create(open, weights({ 2: 0.5 }));
    const executed = new Set<string | undefined>();
    for (let i = 0; i < 64; i++) {
      const { ExecutedVersion } = await open.client.send(
        new InvokeCommand({ FunctionName: 'f', Qualifier: 'live' }),
      );
      executed.add(ExecutedVersion);
    }
    assert.deepEqual([...executed].sort(), ['1', '2']);
    assert.ok(open.invoker.invocations.every(invocation => invocation.invokedArn === `${ARN}:live`));
    const named = { FunctionName: 'f', Qualifier: 'live' };
    const { Configuration } = await open.client.send(new GetFunctionCommand(named));
    assert.deepEqual([Configuration?.FunctionArn, Configuration?.Version], [`${ARN}:live`, '1']);
    const configuration = await open.client.send(new GetFunctionConfigurationCommand(named));
    assert.deepEqual([configuration.FunctionArn, configuration.Version], [`${ARN}:live`, '1']);
    await assert.rejects(
      open.client.send(new InvokeCommand({ FunctionName: 'f', Qualifier: 'dead' })),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:dead`),
    );
  });

  test('keeps the versions it points at from being deleted', async () => {
    await using open = await openWithVersions(2);
    await create(open, weights({ 2: 0.1 }));
    await create(open, { Name: 'other' });
    const deleteVersion = (Qualifier: string) =>
      open.client.send(new DeleteFunctionCommand({ FunctionName: 'f', Qualifier }));
    const referenced = (names: string) =>
      refusedWith(
        'ResourceConflictException',
        `Unable to delete version because the following aliases reference it: [${names}]`,
      );
    await assert.rejects(deleteVersion('1'), referenced('live, other'));
    await assert.rejects(deleteVersion('2'), referenced('live'));
    await remove(open);
    await deleteVersion('2');
  });

  test('does not outlive its function', async () => {
    await using open = await openWithVersions(1);
    await create(open);
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    await open.client.send(new CreateFunctionCommand(CREATE));
    assert.deepEqual((await list(open)).names, []);
  });
});

test('aliases are listed page by page in order of their names, and by the version they point at', async () => {
  await using open = await openWithVersions(2);
  for (const [Name, FunctionVersion] of Object.entries({ d: '1', b: '2', a: '1', c: '2', e: '1' }))
    await create(open, { Name, FunctionVersion });
  assert.deepEqual(await list(open, { MaxItems: 2 }), { names: ['a', 'b', 'c', 'd', 'e'], pages: 3 });
  const ofOne = await list(open, { FunctionVersion: '1', MaxItems: 2 });
  assert.deepEqual(ofOne, { names: ['a', 'd', 'e'], pages: 2 });
  assert.deepEqual(await list(open, { FunctionVersion: '9' }), { names: [], pages: 1 });
});

async function list({ client }: TestGateway, input: Partial<ListAliasesCommandInput> = {}) {
  const aliases: AliasConfiguration[] = [];
  let pages = 0;
  let Marker: string | undefined;
  do {
    const page = await client.send(new ListAliasesCommand({ FunctionName: 'f', ...input, Marker }));
    aliases.push(...(page.Aliases ?? []));
    pages += 1;
    Marker = page.NextMarker;
  } while (Marker);
  return { names: aliases.map(({ Name }) => Name), pages };
}
