/** How events are tried again, as AWS's own client configures it. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CreateAliasCommand,
  DeleteFunctionEventInvokeConfigCommand,
  GetFunctionEventInvokeConfigCommand,
  type LambdaClient,
  ListFunctionEventInvokeConfigsCommand,
  PublishVersionCommand,
  PutFunctionEventInvokeConfigCommand,
  UpdateFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda';
import { waitFor } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { openTarget, type Target } from './target.ts';

const FILES = { 'index.mjs': 'export const handler = async () => { throw new Error("tried in vain"); };' };

describe('the configuration of asynchronous invocation', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  const create = async () => {
    const { name } = await deploy(client, { files: FILES });
    return { FunctionName: name, arn: `arn:aws:lambda:us-east-1:000000000000:function:${name}` };
  };

  test('is put, changed in part, read, listed and deleted', async () => {
    const { FunctionName, arn } = await create();
    await client.send(new PublishVersionCommand({ FunctionName }));
    await client.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: '1' }));
    const put = await client.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumRetryAttempts: 1 }),
    );
    const { $metadata: _, LastModified, ...shown } = put;
    assert.ok(LastModified instanceof Date && Math.abs(LastModified.getTime() - Date.now()) < 60_000);
    assert.deepEqual(shown, {
      FunctionArn: `${arn}:$LATEST`,
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnSuccess: {}, OnFailure: {} },
    });
    const updated = await client.send(
      new UpdateFunctionEventInvokeConfigCommand({ FunctionName, MaximumEventAgeInSeconds: 60 }),
    );
    assert.deepEqual([updated.MaximumRetryAttempts, updated.MaximumEventAgeInSeconds], [1, 60]);
    const replaced = await client.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, MaximumEventAgeInSeconds: 90 }),
    );
    assert.equal(replaced.MaximumRetryAttempts, undefined);
    await client.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName, Qualifier: 'live', MaximumRetryAttempts: 0 }),
    );
    const { FunctionEventInvokeConfigs = [] } = await client.send(
      new ListFunctionEventInvokeConfigsCommand({ FunctionName }),
    );
    assert.deepEqual(
      FunctionEventInvokeConfigs.map(config => config.FunctionArn),
      [`${arn}:$LATEST`, `${arn}:live`],
    );
    await client.send(new DeleteFunctionEventInvokeConfigCommand({ FunctionName }));
    await assert.rejects(client.send(new GetFunctionEventInvokeConfigCommand({ FunctionName })), {
      name: 'ResourceNotFoundException',
      message: `The function ${arn}:$LATEST doesn't have an EventInvokeConfig`,
    });
  });

  test("is refused in AWS's words where it says nothing, or is about nothing", async () => {
    const { FunctionName, arn } = await create();
    await assert.rejects(client.send(new PutFunctionEventInvokeConfigCommand({ FunctionName })), {
      name: 'InvalidParameterValueException',
      message: 'You must specify at least one of error handling or destination setting.',
    });
    const wish = { FunctionName, MaximumRetryAttempts: 0 };
    await assert.rejects(client.send(new UpdateFunctionEventInvokeConfigCommand(wish)), {
      message: `The function ${arn}:$LATEST doesn't have an EventInvokeConfig`,
    });
    await assert.rejects(client.send(new PutFunctionEventInvokeConfigCommand({ ...wish, Qualifier: '7' })), {
      name: 'ResourceNotFoundException',
      message: "The function doesn't exist.",
    });
    await assert.rejects(
      client.send(new PutFunctionEventInvokeConfigCommand({ ...wish, MaximumRetryAttempts: 3 })),
      /Member must have value less than or equal to 2/,
    );
    const OnFailure = { Destination: 'arn:aws:sqs:us-east-1:000000000000:failed' };
    await assert.rejects(
      client.send(new PutFunctionEventInvokeConfigCommand({ ...wish, DestinationConfig: { OnFailure } })),
      { message: 'DestinationConfig: not supported by Lambent yet.' },
    );
  });

  test('without retries a failing event is tried once', async () => {
    const fn = await deploy(client, { files: FILES });
    await client.send(
      new PutFunctionEventInvokeConfigCommand({ FunctionName: fn.name, MaximumRetryAttempts: 0 }),
    );
    const dropped = async () => {
      const exposition = await (await fetch(new URL('/metrics', lambent.adminUrl))).text();
      return exposition
        .split('\n')
        .some(line => line.startsWith('lambent_async_events_dropped') && line.includes(`"${fn.name}"`));
    };
    await fn.invoke({}, { InvocationType: 'Event', LogType: 'None' });
    await waitFor('the event to have run', async () =>
      (await readFunctionLog(lambent, fn.name)).some(line => line.includes('tried in vain')),
    );
    if (process.env['LAMBENT_TEST_CLUSTER'] === undefined) await waitFor('it to be given up', dropped);
  });
});
