import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CreateFunctionCommand,
  DeleteFunctionCommand,
  GetAccountSettingsCommand,
  GetFunctionCommand,
  InvokeCommand,
  InvokeWithResponseStreamCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-lambda';
import { AwsError } from './aws-error.ts';
import { createLambdaService, type LambdaHandlers } from './lambda/lambda-service.ts';
import { serve } from './testing/served-lambda.ts';

const ROLE = 'arn:aws:iam::123456789012:role/worker';

function create(overrides: object = {}) {
  return new CreateFunctionCommand({
    FunctionName: 'hello',
    Role: ROLE,
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: Buffer.from('PK') },
    ...overrides,
  });
}

/** Runs `call` and gives back what it threw. */
async function refusal(call: () => Promise<unknown>): Promise<Record<string, unknown>> {
  try {
    await call();
  } catch (error) {
    return error as Record<string, unknown>;
  }
  return assert.fail('nothing was thrown');
}

test('an invocation carries its payload, its headers and the path to the handler and its answer back', async () => {
  const seen: unknown[] = [];
  await using served = await serve({
    Invoke: async (input, context) => {
      seen.push({ ...input, Payload: Buffer.from(input.Payload ?? []).toString() });
      context.setHeader('X-Amzn-Trace-Id', 'root=1-2');
      return {
        StatusCode: 200,
        FunctionError: 'Unhandled',
        ExecutedVersion: '$LATEST',
        LogResult: 'bG9n',
        Payload: Buffer.from('{"errorType":"Error"}'),
      };
    },
  });
  const answer = await served.client.send(
    new InvokeCommand({
      FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:hello:live',
      InvocationType: 'RequestResponse',
      LogType: 'Tail',
      ClientContext: 'e30=',
      Qualifier: 'live',
      Payload: '{"a":1}',
    }),
  );
  assert.deepEqual(seen, [
    {
      FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:hello:live',
      InvocationType: 'RequestResponse',
      LogType: 'Tail',
      ClientContext: 'e30=',
      Qualifier: 'live',
      Payload: '{"a":1}',
    },
  ]);
  assert.equal(answer.StatusCode, 200);
  assert.equal(answer.FunctionError, 'Unhandled');
  assert.equal(answer.ExecutedVersion, '$LATEST');
  assert.equal(answer.LogResult, 'bG9n');
  assert.equal(answer.Payload?.transformToString(), '{"errorType":"Error"}');
  assert.match(String(answer.$metadata.requestId), /^[0-9a-f-]{36}$/);
});

test('an accepted event is answered with 202 and nothing more', async () => {
  await using served = await serve({ Invoke: async () => ({ StatusCode: 202 }) });
  const answer = await served.client.send(
    new InvokeCommand({ FunctionName: 'hello', InvocationType: 'Event' }),
  );
  assert.equal(answer.StatusCode, 202);
  assert.equal(answer.Payload?.length ?? 0, 0);
});

test('a function is created from a blob and nested members, and its description comes back as 201', async () => {
  const inputs: unknown[] = [];
  await using served = await serve({
    CreateFunction: async input => {
      inputs.push(input);
      return {
        FunctionName: input.FunctionName ?? '',
        MemorySize: 128,
        LastModified: '2026-11-23T10:00:00.000+0000',
      };
    },
  });
  const answer = await served.client.send(
    create({
      Environment: { Variables: { STAGE: 'test' } },
      Architectures: ['arm64'],
      Publish: true,
      Timeout: 3,
    }),
  );
  assert.equal(answer.$metadata.httpStatusCode, 201);
  assert.equal(answer.LastModified, '2026-11-23T10:00:00.000+0000');
  assert.deepEqual(inputs, [
    {
      FunctionName: 'hello',
      Role: ROLE,
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: { ZipFile: Buffer.from('PK') },
      Environment: { Variables: { STAGE: 'test' } },
      Architectures: ['arm64'],
      Publish: true,
      Timeout: 3,
    },
  ]);
});

test('a deletion is answered with 204, and so is one whose handler says nothing', async () => {
  await using served = await serve({ DeleteFunction: async () => ({}), TagResource: async () => ({}) });
  const deleted = await served.client.send(new DeleteFunctionCommand({ FunctionName: 'hello' }));
  assert.equal(deleted.$metadata.httpStatusCode, 204);
  const tagged = await served.client.send(
    new TagResourceCommand({
      Resource: 'arn:aws:lambda:eu-west-1:123456789012:function:hello',
      Tags: { a: 'b' },
    }),
  );
  assert.equal(tagged.$metadata.httpStatusCode, 204);
});

test('lists in the query and an ARN in the path arrive whole', async () => {
  const inputs: unknown[] = [];
  const handlers: LambdaHandlers = {
    UntagResource: async input => {
      inputs.push(input);
      return {};
    },
    ListTags: async input => ({ Tags: { resource: input.Resource ?? '' } }),
    ListFunctions: async input => ({ NextMarker: `${input.Marker}/${input.MaxItems}`, Functions: [] }),
  };
  await using served = await serve(handlers);
  const Resource = 'arn:aws:lambda:eu-west-1:123456789012:function:hello';
  await served.client.send(new UntagResourceCommand({ Resource, TagKeys: ['a', 'b c', 'd&e'] }));
  assert.deepEqual(inputs, [{ Resource, TagKeys: ['a', 'b c', 'd&e'] }]);
  assert.deepEqual((await served.client.send(new ListTagsCommand({ Resource }))).Tags, {
    resource: Resource,
  });
  const listed = await served.client.send(new ListFunctionsCommand({ Marker: 'm+1', MaxItems: 10 }));
  assert.equal(listed.NextMarker, 'm+1/10');
});

test('errors reach the client with their name, their members and their status, in either case of message', async () => {
  await using served = await serve({
    GetFunction: async () => {
      throw new AwsError('ResourceNotFoundException', 'Function not found: x');
    },
    Invoke: async () => {
      throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', {
        fields: { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded', retryAfterSeconds: '7' },
      });
    },
    GetAccountSettings: async () => {
      throw new AwsError('AccessDeniedException', null);
    },
  });
  const missing = await refusal(() => served.client.send(new GetFunctionCommand({ FunctionName: 'x' })));
  assert.equal(missing['name'], 'ResourceNotFoundException');
  assert.equal(missing['message'], 'Function not found: x');
  assert.equal(missing['Type'], 'User');
  const throttled = await refusal(() => served.client.send(new InvokeCommand({ FunctionName: 'x' })));
  assert.equal(throttled['name'], 'TooManyRequestsException');
  assert.equal(throttled['Reason'], 'ReservedFunctionConcurrentInvocationLimitExceeded');
  assert.equal(throttled['retryAfterSeconds'], '7');
  const denied = await refusal(() => served.client.send(new GetAccountSettingsCommand()));
  assert.equal(denied['name'], 'AccessDeniedException');

  const raw = await fetch(`${served.url}/2015-03-31/functions/x`);
  assert.equal(raw.status, 404);
  assert.equal(raw.headers.get('x-amzn-errortype'), 'ResourceNotFoundException');
  assert.equal(raw.headers.get('content-type'), 'application/json');
  assert.ok(raw.headers.get('date'));
  assert.deepEqual(await raw.json(), { Type: 'User', Message: 'Function not found: x' });
  const throttle = await fetch(`${served.url}/2015-03-31/functions/x/invocations`, { method: 'POST' });
  assert.equal(throttle.headers.get('retry-after'), '7');
  assert.deepEqual(await throttle.json(), {
    Type: 'User',
    message: 'Rate Exceeded.',
    Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
  });
  const deny = await fetch(`${served.url}/2016-08-19/account-settings/`);
  assert.equal(deny.status, 403);
  assert.deepEqual(await deny.json(), { Message: null });
});

test('a bug in a handler is told to the owner, and to the client only as a ServiceException', async () => {
  await using served = await serve({
    GetFunction: async () => {
      throw new TypeError('secret');
    },
    ListFunctions: async () => {
      throw new AwsError('NoSuchException', 'a slip');
    },
    GetAccountSettings: async (_input, context) => {
      context.setHeader('X-Broken', 'two\nlines');
      return {};
    },
  });
  const answer = await fetch(`${served.url}/2015-03-31/functions/x`);
  assert.equal(answer.status, 500);
  assert.equal(answer.headers.get('x-amzn-errortype'), 'ServiceException');
  assert.ok(!(await answer.text()).includes('secret'));
  assert.equal((await fetch(`${served.url}/2015-03-31/functions`)).status, 500);
  assert.equal((await fetch(`${served.url}/2016-08-19/account-settings`)).status, 500);
  assert.deepEqual(
    served.errors.map(({ error, operation }) => [(error as Error).message, operation]),
    [
      ['secret', 'GetFunction'],
      ['a slip', 'ListFunctions'],
      ['Invalid character in header content ["X-Broken"]', 'GetAccountSettings'],
    ],
  );
});

test('schemas that could not be loaded are asked for again by the next request', async () => {
  const handlers: LambdaHandlers = { ListFunctions: async () => ({}) };
  const service = createLambdaService(handlers);
  let attempts = 0;
  const load = async () => {
    attempts += 1;
    if (attempts === 1) throw new Error('no memory');
    return service.load();
  };
  await using served = await serve(handlers, { services: [{ ...service, load }] });
  assert.equal((await fetch(`${served.url}/2015-03-31/functions`)).status, 500);
  const answers = await Promise.all([1, 2, 3].map(() => fetch(`${served.url}/2015-03-31/functions`)));
  assert.deepEqual(
    answers.map(({ status }) => status),
    [200, 200, 200],
  );
  assert.equal(attempts, 2);
});

test('an operation without a handler is refused by its name', async () => {
  await using served = await serve({});
  const answer = await fetch(`${served.url}/2018-10-31/layers?find=LayerVersion&Arn=x`);
  assert.equal(answer.status, 501);
  assert.equal(answer.headers.get('x-amzn-errortype'), 'NotImplementedException');
  assert.deepEqual(await answer.json(), {
    message: 'The operation GetLayerVersionByArn is not implemented by Lambent',
  });
});

test('a path that names no operation gets the answer of the front door of AWS', async () => {
  await using served = await serve({});
  for (const path of [
    '/',
    '/2015-03-31/functions/x/nothing',
    '/2015-03-31/functions//code',
    '/2015-03-31/functions/%E0%A4',
  ]) {
    const answer = await fetch(served.url + path);
    assert.equal(answer.status, 403, path);
    assert.equal((await answer.text()).length, 130);
  }
});

test('an event stream is framed as the client expects it', async () => {
  await using served = await serve({
    InvokeWithResponseStream: async () => ({
      StatusCode: 200,
      ExecutedVersion: '1',
      EventStream: (async function* () {
        yield { PayloadChunk: { Payload: Buffer.from('one') } };
        yield { PayloadChunk: { Payload: Buffer.from('two') } };
        yield { InvokeComplete: { LogResult: 'bG9n' } };
      })(),
    }),
  });
  const answer = await served.client.send(new InvokeWithResponseStreamCommand({ FunctionName: 'hello' }));
  const events: unknown[] = [];
  for await (const event of answer.EventStream ?? [])
    events.push(
      event.PayloadChunk ? Buffer.from(event.PayloadChunk.Payload ?? []).toString() : event.InvokeComplete,
    );
  assert.deepEqual(events, ['one', 'two', { LogResult: 'bG9n' }]);
  assert.equal(answer.ResponseStreamContentType, 'application/vnd.amazon.eventstream');
});

test('a stream that fails half-way is told to the owner and ends without its end', async () => {
  const begun = Promise.withResolvers<void>();
  await using served = await serve({
    InvokeWithResponseStream: async () => ({
      EventStream: (async function* () {
        yield { PayloadChunk: { Payload: Buffer.from('one') } };
        await begun.promise;
        throw new Error('broken');
      })(),
    }),
  });
  const path = '/2021-11-15/functions/f/response-streaming-invocations';
  const answer = await fetch(served.url + path, { method: 'POST' });
  assert.equal(answer.status, 200);
  begun.resolve();
  await assert.rejects(answer.arrayBuffer());
  assert.deepEqual(
    served.errors.map(({ error }) => (error as Error).message),
    ['broken'],
  );
});

test('the context tells who calls, from where, and how the server was addressed', async () => {
  const contexts: unknown[] = [];
  await using served = await serve({
    GetAccountSettings: async (_input, { requestId, signal, ...rest }) => {
      contexts.push(rest);
      return {};
    },
    ListFunctions: async (_input, context) => {
      const { region, accessKeyId, accountId, sourceIp, baseUrl } = context;
      contexts.push({ region, accessKeyId, accountId, sourceIp, baseUrl });
      return {};
    },
  });
  await served.client.send(new ListFunctionsCommand());
  await fetch(`${served.url}/2015-03-31/functions`);
  await fetch(
    `${served.url}/2015-03-31/functions?X-Amz-Credential=${encodeURIComponent('AKIDQUERY/20261123/us-east-2/lambda/aws4_request')}`,
  );
  const common = { accountId: '123456789012', sourceIp: '127.0.0.1', baseUrl: served.url };
  assert.deepEqual(contexts, [
    { ...common, region: 'ap-south-1', accessKeyId: 'AKIDEXAMPLE' },
    { ...common, region: 'eu-west-1', accessKeyId: undefined },
    { ...common, region: 'us-east-2', accessKeyId: 'AKIDQUERY' },
  ]);
});

test('the signal of a handler is aborted when its client goes away, and what it then throws is no news', async () => {
  const started = Promise.withResolvers<AbortSignal>();
  const aborted = Promise.withResolvers<void>();
  await using served = await serve({
    ListFunctions: async (_input, { signal }) => {
      started.resolve(signal);
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
      return {};
    },
  });
  const controller = new AbortController();
  const call = fetch(`${served.url}/2015-03-31/functions`, { signal: controller.signal });
  const signal = await started.promise;
  signal.addEventListener('abort', () => aborted.resolve());
  controller.abort();
  await assert.rejects(call);
  await aborted.promise;
  assert.deepEqual(served.errors, []);
});

test('each request is reported once, with its operation, status and duration', async () => {
  await using served = await serve({ ListFunctions: async () => ({}) });
  await (await fetch(`${served.url}/2015-03-31/functions`)).text();
  await (await fetch(`${served.url}/nowhere`)).text();
  assert.deepEqual(
    served.requests.map(({ operation, status }) => [operation, status]),
    [
      ['ListFunctions', 200],
      [undefined, 403],
    ],
  );
});
