import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCodeSigningConfigCommand,
  GetFunctionConfigurationCommand,
  ListDurableExecutionsByFunctionCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const tags = async ({ client }: TestGateway) =>
  (await client.send(new ListTagsCommand({ Resource: ARN }))).Tags;
const tag = ({ client }: TestGateway, Tags: Record<string, string>, Resource = ARN) =>
  client.send(new TagResourceCommand({ Resource, Tags }));

suite('tags', () => {
  test('tags are added, replaced and taken away, and the function keeps its revision', async () => {
    await using open = await openTestGateway();
    await open.client.send(new CreateFunctionCommand({ ...CREATE, Tags: { a: '1', b: '1' } }));
    const revision = async () =>
      (await open.client.send(new GetFunctionConfigurationCommand({ FunctionName: 'f' }))).RevisionId;
    const before = await revision();
    const answer = await tag(open, { b: '2', c: '3' });
    assert.equal(answer.$metadata.httpStatusCode, 204);
    assert.deepEqual(await tags(open), { a: '1', b: '2', c: '3' });
    await open.client.send(new UntagResourceCommand({ Resource: ARN, TagKeys: ['a', 'x'] }));
    assert.deepEqual(await tags(open), { b: '2', c: '3' });
    assert.equal(await revision(), before);
  });

  test('more than fifty, a version and what is not there are refused', async () => {
    await using open = await openTestGateway();
    await assert.rejects(
      tag(open, { a: '1' }),
      refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`),
    );
    await assert.rejects(tags(open), refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`));
    await open.client.send(new CreateFunctionCommand({ ...CREATE, Tags: { a: '1' } }));
    await assert.rejects(
      tag(open, Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`k${i}`, '']))),
      refusedWith('InvalidParameterValueException', 'Number of tags exceeds resource tag limit.'),
    );
    await assert.rejects(
      tag(open, { a: '1' }, `${ARN}:1`),
      refusedWith(
        'InvalidParameterValueException',
        'Tags on function aliases and versions are not supported. Please specify a function ARN.',
      ),
    );
    for (const [key, value, message] of [
      ['aws:x', '1', 'Invalid tag key: aws:x'],
      ['k', 'v'.repeat(257), 'Invalid tag value for the key k'],
    ] as const)
      await assert.rejects(
        tag(open, { [key]: value }),
        refusedWith('InvalidParameterValueException', message),
      );
  });
});

test('GetAccountSettings counts what is there', async () => {
  await using open = await openTestGateway();
  await open.client.send(new CreateFunctionCommand({ ...CREATE, Publish: true }));
  const { AccountLimit, AccountUsage } = await open.client.send(new GetAccountSettingsCommand({}));
  const size = CREATE.Code?.ZipFile?.length ?? 0;
  assert.deepEqual(AccountUsage, { TotalCodeSize: size * 2, FunctionCount: 1 });
  assert.equal(AccountLimit?.ConcurrentExecutions, 1_000);
  assert.equal(AccountLimit?.UnreservedConcurrentExecutions, 1_000);
});

test('a function without code signing has an empty configuration of it', async () => {
  await using open = await openTestGateway();
  const ask = () => open.client.send(new GetFunctionCodeSigningConfigCommand({ FunctionName: 'f' }));
  await assert.rejects(ask(), refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`));
  await open.client.send(new CreateFunctionCommand(CREATE));
  const { $metadata, ...answer } = await ask();
  assert.deepEqual([$metadata.httpStatusCode, answer.CodeSigningConfigArn], [200, undefined]);
});

test('an operation that is not there says so', async () => {
  await using open = await openTestGateway();
  await assert.rejects(
    open.client.send(new ListDurableExecutionsByFunctionCommand({ FunctionName: 'f' })),
    refusedWith('NotImplementedException', /ListDurableExecutionsByFunction/),
  );
});
