import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CreateFunctionCommand, InvokeAsyncCommand } from '@aws-sdk/client-lambda';
import { ARN, CREATE, openTestGateway, refusedWith } from '../open-test-gateway.ts';

test('InvokeAsync accepts an event of up to 256 KB, with either end of its path', async () => {
  await using open = await openTestGateway();
  const { client, gateway } = open;
  await client.send(new CreateFunctionCommand(CREATE));
  const invoke = (text: string) =>
    client.send(new InvokeAsyncCommand({ FunctionName: 'f', InvokeArgs: Buffer.from(text) }));
  const { Status } = await invoke('{"a":1}');
  assert.equal(Status, 202);
  const most = `"${'x'.repeat(262_142)}"`;
  assert.equal((await invoke(most)).Status, 202);
  await assert.rejects(
    invoke(`${most} `),
    refusedWith('RequestEntityTooLargeException', /smaller than 262144 bytes for the InvokeAsync/),
  );
  const path = '/2014-11-13/functions/f/invoke-async/';
  const response = await fetch(new URL(path, gateway.url), { method: 'POST', body: '{}' });
  assert.equal(response.status, 202);
});

test('InvokeAsync refuses what is no JSON, and functions that are not there', async () => {
  await using open = await openTestGateway();
  const { client } = open;
  const invoke = (text: string) =>
    client.send(new InvokeAsyncCommand({ FunctionName: 'f', InvokeArgs: Buffer.from(text) }));
  await assert.rejects(invoke('{}'), refusedWith('ResourceNotFoundException', `Function not found: ${ARN}`));
  await client.send(new CreateFunctionCommand(CREATE));
  await assert.rejects(invoke('{'), refusedWith('InvalidRequestContentException', /^Could not parse/));
});
