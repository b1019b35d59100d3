/** What is deleted runs no longer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DeleteFunctionCommand } from '@aws-sdk/client-lambda';
import { Footprint, waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { openTarget } from './target.ts';

test('a deleted function leaves no process, though it was still busy with something of its own', async () => {
  await using lambent = await openTarget();
  const running = async () => (await Footprint.of(lambent.pid, lambent.dataDirectory)).processes;
  const without = await running();
  const client = lambent.client();
  const busy = await deploy(client, {
    name: 'busy',
    files: { 'index.mjs': 'setInterval(() => {}, 10); export const handler = async () => 1;' },
  });
  assert.equal((await busy.invoke({})).functionError, undefined);
  assert.ok((await running()) > without);
  await client.send(new DeleteFunctionCommand({ FunctionName: 'busy' }));
  await waitFor('its environment to end', async () => (await running()) === without);
});
