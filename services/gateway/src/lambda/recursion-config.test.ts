import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateFunctionCommand,
  GetFunctionRecursionConfigCommand,
  PutFunctionRecursionConfigCommand,
} from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, refusedWith } from '../open-test-gateway.ts';

test('what becomes of recursive loops is Terminate until the owner allows them', async () => {
  await using open = await openTestGateway();
  const { client } = open;
  await client.send(new CreateFunctionCommand(CREATE));
  const get = async () =>
    (await client.send(new GetFunctionRecursionConfigCommand({ FunctionName: 'f' }))).RecursiveLoop;
  assert.equal(await get(), 'Terminate');
  for (const RecursiveLoop of ['Allow', 'Terminate'] as const) {
    const input = { FunctionName: ARN, RecursiveLoop };
    const put = await client.send(new PutFunctionRecursionConfigCommand(input));
    assert.equal(put.RecursiveLoop, RecursiveLoop);
    assert.equal(await get(), RecursiveLoop);
  }
});

test('recursive loops are configured of functions that are there, not of their versions', async () => {
  await using open = await openTestGateway();
  const get = (FunctionName: string) =>
    open.client.send(new GetFunctionRecursionConfigCommand({ FunctionName }));
  await assert.rejects(get('f'), refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`));
  await assert.rejects(get('f:1'), refusedWith('ValidationException', /at 'functionName' failed/));
  const wrong = { FunctionName: 'f', RecursiveLoop: 'Maybe' as 'Allow' };
  await assert.rejects(
    open.client.send(new PutFunctionRecursionConfigCommand(wrong)),
    refusedWith('ValidationException', /Member must satisfy enum value set: \[Allow, Terminate\]/),
  );
});
