import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../aws-error.ts';
import { createLambdaService } from '../lambda/lambda-service.ts';
import { createLogsService, type LogsHandlers } from '../logs/logs-service.ts';
import { serve } from '../testing/served-lambda.ts';

async function serveLogs(handlers: LogsHandlers) {
  const served = await serve({}, { services: [createLambdaService({}), createLogsService(handlers)] });
  const client = new CloudWatchLogsClient({
    endpoint: served.url,
    region: 'eu-west-1',
    credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  });
  const post = (target: string, body: string) =>
    fetch(served.url, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-amz-json-1.1', 'X-Amz-Target': target },
      body,
    });
  return {
    ...served,
    client,
    post,
    async [Symbol.asyncDispose]() {
      client.destroy();
      await served[Symbol.asyncDispose]();
    },
  };
}

test("JSON carries input, output and errors as AWS's own client has them", async () => {
  const seen: unknown[] = [];
  await using logs = await serveLogs({
    FilterLogEvents: async input => {
      seen.push(input);
      if (input.filterPattern) throw new AwsError('ResourceNotFoundException', 'no such group');
      return { events: [{ timestamp: 5, message: 'hello', eventId: '1' }], nextToken: 'more' };
    },
  });
  const answer = await logs.client.send(
    new FilterLogEventsCommand({ logGroupName: 'g', startTime: 0, logStreamNames: ['a'] }),
  );
  assert.deepEqual(seen, [{ logGroupName: 'g', startTime: 0, logStreamNames: ['a'] }]);
  assert.deepEqual(answer.events, [{ timestamp: 5, message: 'hello', eventId: '1' }]);
  await assert.rejects(
    logs.client.send(new FilterLogEventsCommand({ logGroupName: 'g', filterPattern: 'x' })),
    { name: 'ResourceNotFoundException', message: 'no such group' },
  );
  await assert.rejects(logs.client.send(new FilterLogEventsCommand({ logGroupName: 'a b' })), {
    name: 'InvalidParameterException',
    message: /^1 validation error detected: Value 'a b' at 'logGroupName'/,
  });
});

test('what is not JSON, not an operation or not here is refused under its type', async () => {
  await using logs = await serveLogs({
    DeleteLogGroup: async () => {
      throw new TypeError('a slip');
    },
  });
  const cases: readonly (readonly [target: string, body: string, status: number, type: string])[] = [
    ['Logs_20140328.Nothing', '{}', 400, 'UnknownOperationException'],
    ['Logs_20140328', '{}', 400, 'UnknownOperationException'],
    ['Logs_20140328.StartQuery', '{}', 501, 'NotImplementedException'],
    ['Logs_20140328.DeleteLogGroup', '{"logGroupName":', 400, 'SerializationException'],
    ['Logs_20140328.DeleteLogGroup', '{"logGroupName":["a"]}', 400, 'SerializationException'],
    ['Logs_20140328.DeleteLogGroup', '{"logGroupName":"a"}', 500, 'InternalFailure'],
  ];
  for (const [target, body, status, type] of cases) {
    const answer = await logs.post(target, body);
    assert.equal(answer.status, status, type);
    assert.equal(answer.headers.get('content-type'), 'application/x-amz-json-1.1');
    const { __type } = (await answer.json()) as { __type: string };
    assert.equal(__type, type);
  }
});
