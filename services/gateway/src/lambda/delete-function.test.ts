import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFunctionCommand, DeleteFunctionCommand, PublishVersionCommand } from '@aws-sdk/client-lambda';
import { CREATE, openTestGateway } from '../open-test-gateway.ts';

test('a function that is deleted leaves no environment behind; deleting a version ends none of the others', async () => {
  await using open = await openTestGateway();
  await open.client.send(new CreateFunctionCommand({ ...CREATE, FunctionName: 'f' }));
  await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
  await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f', Qualifier: '1' }));
  assert.deepEqual(open.retired, []);
  await open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' }));
  assert.equal(open.retired.length, 1);
});

test('a function that is not there is not found', async () => {
  await using open = await openTestGateway();
  await assert.rejects(open.client.send(new DeleteFunctionCommand({ FunctionName: 'f' })), {
    name: 'ResourceNotFoundException',
  });
  assert.deepEqual(open.retired, []);
});
