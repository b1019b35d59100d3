import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateAliasCommand,
  CreateFunctionCommand,
  DeleteAliasCommand,
  DeleteFunctionCommand,
  DeleteProvisionedConcurrencyConfigCommand,
  GetProvisionedConcurrencyConfigCommand,
  ListProvisionedConcurrencyConfigsCommand,
  PublishVersionCommand,
  PutFunctionConcurrencyCommand,
  PutProvisionedConcurrencyConfigCommand,
  UpdateAliasCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import {
  decodeProvisioned,
  encodeRecord,
  PROVISIONED_PREFIX,
  PROVISIONED_STANDING_PREFIX,
  type ProvisionedStanding,
  provisionedStandingKey,
  readDivision,
} from '@lambent/membership';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const put = ({ client }: TestGateway, Qualifier: string, ProvisionedConcurrentExecutions: number) =>
  client.send(
    new PutProvisionedConcurrencyConfigCommand({
      FunctionName: 'f',
      Qualifier,
      ProvisionedConcurrentExecutions,
    }),
  );
const get = ({ client }: TestGateway, Qualifier: string) =>
  client.send(new GetProvisionedConcurrencyConfigCommand({ FunctionName: 'f', Qualifier }));
const remove = ({ client }: TestGateway, Qualifier: string) =>
  client.send(new DeleteProvisionedConcurrencyConfigCommand({ FunctionName: 'f', Qualifier }));
const reserve = ({ client }: TestGateway, ReservedConcurrentExecutions: number) =>
  client.send(new PutFunctionConcurrencyCommand({ FunctionName: 'f', ReservedConcurrentExecutions }));
const alias = ({ client }: TestGateway, Name: string, FunctionVersion: string, weights = {}) =>
  client.send(
    new CreateAliasCommand({
      FunctionName: 'f',
      Name,
      FunctionVersion,
      RoutingConfig: { AdditionalVersionWeights: weights },
    }),
  );
const move = ({ client }: TestGateway, Name: string, FunctionVersion: string) =>
  client.send(new UpdateAliasCommand({ FunctionName: 'f', Name, FunctionVersion }));

/** With the function f, three versions of it, and the alias live at the first. */
async function openWithAlias(): Promise<TestGateway> {
  const open = await openTestGateway();
  await open.client.send(new CreateFunctionCommand(CREATE));
  for (let i = 1; i <= 3; i++) {
    await open.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: i + 1 }));
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
  }
  await alias(open, 'live', '1');
  return open;
}

/** What each version of the function has of the division, by its number. */
async function divided({ registry }: TestGateway): Promise<Record<string, number>> {
  const { parts } = await readDivision(registry);
  const own = [...parts].filter(([limitId]) => limitId.includes(':'));
  return Object.fromEntries(own.map(([limitId, { wanted }]) => [limitId.split(':')[1], wanted]));
}

async function stored({ registry }: TestGateway) {
  const { entries } = await registry.range(PROVISIONED_PREFIX);
  return entries.flatMap(entry => decodeProvisioned(entry) ?? []);
}

/** What placement would say. */
async function stand(open: TestGateway, standing: Omit<ProvisionedStanding, 'requestId'>): Promise<void> {
  const [record] = await stored(open);
  assert.ok(record);
  const key = provisionedStandingKey(record.functionId, record.qualifier);
  const value = encodeRecord({ requestId: record.requestId, ...standing });
  await open.registry.transact({ compare: [], write: [{ kind: 'put', key, value }] });
}

suite('provisioned concurrency', () => {
  test('is under way until placement says that it is ready, or failed', async () => {
    await using open = await openWithAlias();
    const asked = await put(open, 'live', 5);
    assert.equal(asked.$metadata.httpStatusCode, 202);
    assert.match(asked.LastModified ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+0000$/);
    const numbers = async () => {
      const config = await get(open, 'live');
      return [
        config.Status,
        config.RequestedProvisionedConcurrentExecutions,
        config.AllocatedProvisionedConcurrentExecutions,
        config.AvailableProvisionedConcurrentExecutions,
        config.StatusReason,
      ];
    };
    assert.deepEqual(await numbers(), ['IN_PROGRESS', 5, 0, 0, undefined]);
    await stand(open, { status: 'READY', allocated: 5, available: 5 });
    assert.deepEqual(await numbers(), ['READY', 5, 5, 5, undefined]);
    await put(open, 'live', 3);
    assert.deepEqual(await numbers(), ['IN_PROGRESS', 3, 3, 3, undefined]);
    const reason = 'FUNCTION_ERROR_INIT_FAILURE';
    await stand(open, { status: 'FAILED', reason, allocated: 0, available: 0 });
    assert.deepEqual(await numbers(), ['FAILED', 3, 0, 0, reason]);
    assert.deepEqual(await divided(open), { 1: 3 });
  });

  test('is given back, with all that was said of it', async () => {
    await using open = await openWithAlias();
    await put(open, 'live', 5);
    await stand(open, { status: 'READY', allocated: 5, available: 5 });
    assert.equal((await remove(open, 'live')).$metadata.httpStatusCode, 204);
    assert.equal((await remove(open, 'live')).$metadata.httpStatusCode, 204);
    assert.deepEqual(await divided(open), {});
    assert.equal((await open.registry.range(PROVISIONED_STANDING_PREFIX)).entries.length, 0);
    await assert.rejects(
      get(open, 'live'),
      refusedWith(
        'ProvisionedConcurrencyConfigNotFoundException',
        'No Provisioned Concurrency Config found for this function',
      ),
    );
  });

  test('is for aliases and published versions that are there', async () => {
    await using open = await openWithAlias();
    await alias(open, 'latest', '$LATEST');
    await alias(open, 'weighted', '1', { 2: 0.5 });
    for (const qualifier of ['$LATEST', 'latest'])
      await assert.rejects(
        put(open, qualifier, 1),
        refusedWith(
          'InvalidParameterValueException',
          'Provisioned Concurrency Configs cannot be applied to unpublished function versions.',
        ),
      );
    for (const attempt of [get, remove])
      await assert.rejects(
        attempt(open, '$LATEST'),
        refusedWith(
          'InvalidParameterValueException',
          'The function resource provided must be an alias or a published version.',
        ),
      );
    await assert.rejects(
      put(open, 'weighted', 1),
      refusedWith(
        'InvalidParameterValueException',
        'Alias with weights can not be used with Provisioned Concurrency',
      ),
    );
    for (const attempt of [get, remove, (gateway: TestGateway, name: string) => put(gateway, name, 1)]) {
      await assert.rejects(
        attempt(open, 'dead'),
        refusedWith('ResourceNotFoundException', `Cannot find alias arn: ${ARN}:dead`),
      );
      await assert.rejects(
        attempt(open, '9'),
        refusedWith('ResourceNotFoundException', `Function not found: ${ARN}:9`),
      );
    }
    await assert.rejects(
      put(open, 'live', 0),
      refusedWith('ValidationException', /greater than or equal to 1/),
    );
  });

  test('is kept under one name of a version', async () => {
    await using open = await openWithAlias();
    await alias(open, 'other', '1');
    await alias(open, 'second', '2');
    const already = refusedWith(
      'ResourceConflictException',
      "Alias can't be used for Provisioned Concurrency configuration on an already Provisioned version",
    );
    await put(open, 'live', 1);
    await assert.rejects(
      put(open, '1', 1),
      refusedWith('ResourceConflictException', 'Version is pointed by a Provisioned Concurrency alias'),
    );
    await assert.rejects(put(open, 'other', 1), already);
    await put(open, '2', 1);
    await assert.rejects(put(open, 'second', 1), already);
    await assert.rejects(move(open, 'live', '2'), already);
    await move(open, 'other', '2');
  });

  test('is within what is reserved, and leaves a hundred to the others', async () => {
    await using open = await openWithAlias();
    const refused = (message: string) => refusedWith('InvalidParameterValueException', message);
    await assert.rejects(
      put(open, '1', 1_001),
      refused(
        "Specified ConcurrentExecutions for function is greater than account's unreserved concurrency [1000].",
      ),
    );
    await assert.rejects(
      put(open, '1', 901),
      refused(
        "Specified ConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
      ),
    );
    await put(open, '1', 900);
    await put(open, '1', 6);
    await assert.rejects(
      reserve(open, 5),
      refused(
        " ReservedConcurrentExecutions  5 should not be lower than function's total provisioned concurrency [6].",
      ),
    );
    await reserve(open, 10);
    await put(open, '2', 4);
    await assert.rejects(
      put(open, '2', 5),
      refused(
        'Requested Provisioned Concurrency should not be greater than the reservedConcurrentExecution for function',
      ),
    );
    assert.deepEqual(await divided(open), { 1: 6, 2: 4 });
  });

  test('is listed page by page, by the names it is kept under', async () => {
    await using open = await openWithAlias();
    for (const qualifier of ['live', '2', '3']) await put(open, qualifier, 1);
    const list = (MaxItems: number, Marker?: string) =>
      open.client.send(new ListProvisionedConcurrencyConfigsCommand({ FunctionName: 'f', MaxItems, Marker }));
    const first = await list(2);
    const second = await list(2, first.NextMarker);
    const pages = [first, second].map(page =>
      page.ProvisionedConcurrencyConfigs?.map(each => each.FunctionArn),
    );
    assert.deepEqual(pages, [[`${ARN}:2`, `${ARN}:3`], [`${ARN}:live`]]);
    assert.equal(second.NextMarker, undefined);
    assert.equal(second.ProvisionedConcurrencyConfigs?.[0]?.Status, 'IN_PROGRESS');
  });
});

suite('an alias with provisioned concurrency', () => {
  test('takes it along, and what serves goes on until the new version is ready', async () => {
    await using open = await openWithAlias();
    await put(open, 'live', 5);
    const moves = async () => (await stored(open)).map(each => [each.version, each.previousVersion]);
    await move(open, 'live', '2');
    assert.deepEqual(await moves(), [['2', '1']]);
    await assert.rejects(
      open.client.send(new DeleteFunctionCommand({ FunctionName: 'f', Qualifier: '1' })),
      refusedWith('ResourceConflictException', /the following aliases reference it: \[live\]$/),
    );
    assert.deepEqual(await divided(open), { 1: 5, 2: 5 });
    await move(open, 'live', '3');
    assert.deepEqual(await moves(), [['3', '1']]);
    assert.deepEqual(await divided(open), { 1: 5, 3: 5 });
    await put(open, 'live', 4);
    assert.deepEqual(await moves(), [['3', '1']]);
    await move(open, 'live', '1');
    assert.deepEqual(await moves(), [['1', undefined]]);
    assert.deepEqual(await divided(open), { 1: 4 });
    await assert.rejects(
      move(open, 'live', '$LATEST'),
      refusedWith('InvalidParameterValueException', /unpublished function versions/),
    );
  });

  test('gives the old version up first where there is no room for both', async () => {
    await using open = await openWithAlias();
    await reserve(open, 8);
    await put(open, 'live', 5);
    await move(open, 'live', '2');
    assert.deepEqual(await divided(open), { 2: 5 });
    assert.equal((await stored(open))[0]?.previousVersion, undefined);
  });

  test('gives it back when it is deleted, and so does a version, and the function', async () => {
    await using open = await openWithAlias();
    for (const qualifier of ['live', '2', '3']) await put(open, qualifier, 1);
    await open.client.send(new DeleteAliasCommand({ FunctionName: 'f', Name: 'live' }));
    assert.deepEqual(await divided(open), { 2: 1, 3: 1 });
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f', Qualifier: '2' }));
    assert.deepEqual(await divided(open), { 3: 1 });
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    assert.deepEqual(await divided(open), {});
    assert.deepEqual(await stored(open), []);
  });
});
