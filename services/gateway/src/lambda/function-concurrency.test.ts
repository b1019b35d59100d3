import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  DeleteFunctionConcurrencyCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  GetFunctionConcurrencyCommand,
  PutFunctionConcurrencyCommand,
} from '@aws-sdk/client-lambda';
import { changeDivision, readDivision } from '@lambent/membership';
import { ARN, CREATE, openTestGateway, refusedWith, type TestGateway } from '../open-test-gateway.ts';

const put = ({ client }: TestGateway, ReservedConcurrentExecutions: number, FunctionName = 'f') =>
  client.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions }));
const get = async ({ client }: TestGateway) =>
  (await client.send(new GetFunctionConcurrencyCommand({ FunctionName: 'f' }))).ReservedConcurrentExecutions;
const remove = ({ client }: TestGateway) =>
  client.send(new DeleteFunctionConcurrencyCommand({ FunctionName: 'f' }));

async function openWithFunctions(...names: readonly string[]): Promise<TestGateway> {
  const open = await openTestGateway();
  for (const FunctionName of names)
    await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName }));
  return open;
}

/** Of the account, and what of it nobody reserved. */
async function limits({ client }: TestGateway) {
  const { AccountLimit } = await client.send(new GetAccountSettingsCommand({}));
  return [AccountLimit?.ConcurrentExecutions, AccountLimit?.UnreservedConcurrentExecutions];
}

suite('reserved concurrency', () => {
  test('is put, shown, replaced and taken back, and the account knows', async () => {
    await using open = await openWithFunctions('f');
    assert.equal(await get(open), undefined);
    assert.deepEqual(await limits(open), [1_000, 1_000]);
    assert.equal((await put(open, 300)).ReservedConcurrentExecutions, 300);
    assert.equal(await get(open), 300);
    assert.deepEqual(await limits(open), [1_000, 700]);
    await put(open, 0);
    assert.equal(await get(open), 0);
    const { Concurrency } = await open.client.send(new GetFunctionCommand({ FunctionName: 'f' }));
    assert.deepEqual(Concurrency, { ReservedConcurrentExecutions: 0 });
    assert.equal((await remove(open)).$metadata.httpStatusCode, 204);
    assert.equal((await remove(open)).$metadata.httpStatusCode, 204);
    assert.equal(await get(open), undefined);
    const after = await open.client.send(new GetFunctionCommand({ FunctionName: 'f' }));
    assert.equal(after.Concurrency, undefined);
    assert.deepEqual(await limits(open), [1_000, 1_000]);
  });

  test('leaves a hundred to the others', async () => {
    await using open = await openWithFunctions('f', 'g');
    const tooMuch = refusedWith(
      'InvalidParameterValueException',
      "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    );
    await assert.rejects(put(open, 901), tooMuch);
    await put(open, 900);
    await assert.rejects(put(open, 1, 'g'), tooMuch);
    await put(open, 0, 'g');
    await put(open, 899);
    await put(open, 1, 'g');
  });

  test('of many functions at once is never together more than there is', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    await using open = await openWithFunctions(...names);
    const outcomes = await Promise.allSettled(names.map(name => put(open, 300, name)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 3);
    assert.deepEqual(await limits(open), [1_000, 100]);
  });

  test('of an account that has become too small may be lowered, not raised', async () => {
    await using open = await openWithFunctions('f');
    await put(open, 800);
    await changeDivision(open.registry, division => ({ division: division.resize(850) }));
    await assert.rejects(put(open, 801), refusedWith('InvalidParameterValueException', /minimum value/));
    assert.equal((await put(open, 799)).ReservedConcurrentExecutions, 799);
  });

  test('is a function’s own, not a version’s, and only of one that is there', async () => {
    await using open = await openWithFunctions('f');
    await assert.rejects(
      put(open, 1, 'f:live'),
      refusedWith('InvalidParameterValueException', /This operation is permitted on Lambda functions only/),
    );
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    const gone = refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`);
    for (const attempt of [get, remove, (open: TestGateway) => put(open, 1)])
      await assert.rejects(attempt(open), gone);
  });

  test('goes back with its function', async () => {
    await using open = await openWithFunctions('f');
    await put(open, 300);
    await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
    assert.deepEqual(await limits(open), [1_000, 1_000]);
    const { parts } = await readDivision(open.registry);
    assert.deepEqual([...parts.keys()], ['pool']);
  });
});
