import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  type FunctionConfiguration,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  ListFunctionsCommand,
  ListVersionsByFunctionCommand,
  PublishVersionCommand,
  type PublishVersionCommandInput,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const publish = ({ client }: TestGateway, input: Partial<PublishVersionCommandInput> = {}) =>
  client.send(new PublishVersionCommand({ FunctionName: 'f', ...input }));
const describe = ({ client }: TestGateway, Description: string) =>
  client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: Description.length + 1 }));
const remove = ({ client }: TestGateway, Qualifier?: string) =>
  client.send(new DeleteFunctionCommand({ FunctionName: 'f', Qualifier }));
const get = ({ client }: TestGateway, Qualifier?: string) =>
  client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f', Qualifier }));

async function openWithFunction(names: readonly string[] = ['f']): Promise<TestGateway> {
  const open = await openTestGateway();
  for (const FunctionName of names)
    await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName }));
  return open;
}

async function openWithVersions(count: number): Promise<TestGateway> {
  const open = await openWithFunction();
  for (let i = 1; i <= count; i++) {
    await describe(open, 'x'.repeat(i));
    await publish(open);
  }
  return open;
}

suite('PublishVersion', () => {
  test('a version is a copy that later updates leave alone', async () => {
    await using open = await openWithFunction();
    const one = await publish(open, { Description: 'one' });
    assert.equal(one.$metadata.httpStatusCode, 201);
    assert.deepEqual(
      [one.Version, one.FunctionArn, one.Description, one.State, one.LastUpdateStatus],
      ['1', `${ARN}:1`, 'one', 'Active', 'Successful'],
    );
    await describe(open, 'changed');
    assert.equal((await get(open, '1')).Timeout, 3);
    assert.equal((await get(open)).Description, '');
    const named = await open.client.send(new GetFunctionCommand({ FunctionName: 'f', Qualifier: '$LATEST' }));
    assert.equal(named.Configuration?.FunctionArn, `${ARN}:$LATEST`);
  });

  test('without a change since, it is the version before, whatever the description', async () => {
    await using open = await openWithFunction();
    await publish(open);
    assert.equal((await publish(open, { Description: 'again' })).Version, '1');
    await describe(open, 'changed');
    assert.equal((await publish(open)).Version, '2');
  });

  test('numbers only grow, also when the last version is deleted', async () => {
    await using open = await openWithVersions(2);
    await remove(open, '2');
    assert.equal((await publish(open)).Version, '3');
  });

  test('its guards are the revision id and the digest of $LATEST', async () => {
    await using open = await openWithFunction();
    const { RevisionId, CodeSha256 } = await get(open);
    await assert.rejects(
      publish(open, { RevisionId: 'old' }),
      refusedWith(
        'PreconditionFailedException',
        'The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id',
      ),
    );
    await assert.rejects(
      publish(open, { CodeSha256: 'x' }),
      refusedWith(
        'InvalidParameterValueException',
        `CodeSHA256 (x) is different from current CodeSHA256 in $LATEST (${CodeSha256}). Please try again with the CodeSHA256 in $LATEST.`,
      ),
    );
    assert.equal((await publish(open, { RevisionId, CodeSha256 })).Version, '1');
    assert.notEqual((await get(open)).RevisionId, RevisionId);
  });
});

suite('ListVersionsByFunction and ListFunctions', () => {
  test('versions come page by page, $LATEST first', async () => {
    await using open = await openWithVersions(3);
    const { versions, pages } = await listVersions(open, 2);
    assert.deepEqual(
      versions.map(version => version.FunctionArn),
      [`${ARN}:$LATEST`, `${ARN}:1`, `${ARN}:2`, `${ARN}:3`],
    );
    assert.equal(pages, 2);
    assert.equal(versions[0]?.State, undefined);
    assert.equal(versions[0]?.RuntimeVersionConfig, undefined);
    assert.equal((await listVersions(open, 1)).pages, 4);
  });

  test('functions come page by page, in order of their names', async () => {
    await using open = await openWithFunction(['c', 'a', 'b']);
    const { functions, pages } = await listFunctions(open, { MaxItems: 2 });
    assert.deepEqual(functions, ['a', 'b', 'c']);
    assert.equal(pages, 2);
  });

  test('with all versions, pages end and go on within a function', async () => {
    await using open = await openWithVersions(3);
    for (const FunctionName of ['a', 'g', 'h'])
      await open.client.send(
        new CreateFunctionCommand({ ...CREATE, FunctionName, Publish: FunctionName === 'g' }),
      );
    const all = ['a:$LATEST', 'f:$LATEST', 'f:1', 'f:2', 'f:3', 'g:$LATEST', 'g:1', 'h:$LATEST'];
    for (const MaxItems of [1, 2, 3, 5, 8, 50]) {
      const { functions, pages } = await listFunctions(open, { MaxItems, FunctionVersion: 'ALL' });
      assert.deepEqual(functions, all, `pages of ${MaxItems}`);
      assert.equal(pages, Math.ceil(all.length / MaxItems));
    }
  });

  test('a marker that is none is refused', async () => {
    await using open = await openWithFunction();
    await assert.rejects(
      open.client.send(new ListFunctionsCommand({ Marker: 'x' })),
      refusedWith('InvalidParameterValueException', 'Invalid Marker.'),
    );
  });
});

suite('DeleteFunction', () => {
  test('a function goes with its versions, and is then not found', async () => {
    await using open = await openWithVersions(2);
    assert.equal((await remove(open)).$metadata.httpStatusCode, 204);
    const gone = refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`);
    await assert.rejects(get(open), gone);
    await assert.rejects(remove(open), gone);
    await assert.rejects(
      get(open, '1'),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:1`),
    );
  });

  test('a version goes alone, and again is no error', async () => {
    await using open = await openWithVersions(1);
    await remove(open, '1');
    await remove(open, '1');
    await assert.rejects(
      get(open, '1'),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:1`),
    );
    assert.equal((await get(open)).Version, '$LATEST');
  });

  test('$LATEST and aliases are refused', async () => {
    await using open = await openWithFunction();
    await assert.rejects(
      remove(open, '$LATEST'),
      refusedWith(
        'InvalidParameterValueException',
        '$LATEST version cannot be deleted without deleting the function.',
      ),
    );
    await assert.rejects(
      remove(open, 'live'),
      refusedWith('InvalidParameterValueException', 'Deletion of aliases is not currently supported.'),
    );
  });
});

async function listVersions({ client }: TestGateway, MaxItems: number) {
  const versions: FunctionConfiguration[] = [];
  let pages = 0;
  let Marker: string | undefined;
  do {
    const page = await client.send(
      new ListVersionsByFunctionCommand({ FunctionName: 'f', MaxItems, Marker }),
    );
    versions.push(...(page.Versions ?? []));
    pages += 1;
    Marker = page.NextMarker;
  } while (Marker);
  return { versions, pages };
}

async function listFunctions(
  { client }: TestGateway,
  input: { readonly MaxItems: number; readonly FunctionVersion?: 'ALL' },
) {
  const functions: string[] = [];
  let pages = 0;
  let Marker: string | undefined;
  do {
    const page = await client.send(new ListFunctionsCommand({ ...input, Marker }));
    for (const { FunctionArn = '' } of page.Functions ?? [])
      functions.push(FunctionArn.split(':function:')[1] ?? '');
    pages += 1;
    Marker = page.NextMarker;
  } while (Marker);
  return { functions, pages };
}
