import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import {
  CreateFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  PublishVersionCommand,
  UpdateFunctionConfigurationCommand,
} from '@aws-sdk/client-lambda';
import { fail, type Outcome, type Reason } from '@lambent/core';
import { decodeAsyncInvocation } from '@lambent/functions';
import {
  ARN,
  CREATE,
  completion,
  openTestGateway,
  refusedWith,
  type TestGateway,
} from '../open-test-gateway.ts';

const invoke = ({ client }: TestGateway, input: Partial<InvokeCommandInput> = {}) =>
  client.send(new InvokeCommand({ FunctionName: 'f', ...input }));

async function openWithFunction(options: { asyncMaxMessages?: number } = {}): Promise<TestGateway> {
  const open = await openTestGateway({}, options);
  await open.client.send(new CreateFunctionCommand(CREATE));
  return open;
}

suite('Invoke', () => {
  test('the result comes back byte for byte, with the version that ran', async () => {
    await using open = await openWithFunction();
    const payload = '{"a" : "ä"}';
    const answer = await invoke(open, { Payload: Buffer.from(payload) });
    assert.equal(answer.StatusCode, 200);
    assert.equal(answer.Payload?.transformToString(), payload);
    assert.equal(answer.ExecutedVersion, '$LATEST');
    assert.deepEqual([answer.FunctionError, answer.LogResult], [undefined, undefined]);
    const [invocation] = open.invoker.invocations;
    assert.equal(invocation?.invokedArn, ARN);
    assert.equal(invocation?.requestId, answer.$metadata.requestId);
    assert.equal(invocation?.spec.handler, 'index.handler');
    assert.deepEqual(
      [invocation?.attempt, invocation?.logTail, invocation?.clientContext],
      [1, false, undefined],
    );
  });

  test('no body is an empty object', async () => {
    await using open = await openWithFunction();
    assert.equal((await invoke(open)).Payload?.transformToString(), '{}');
  });

  test('a published version is what runs, addressed in any way', async () => {
    await using open = await openWithFunction();
    await open.client.send(new PublishVersionCommand({ FunctionName: 'f' }));
    await open.client.send(new UpdateFunctionConfigurationCommand({ FunctionName: 'f', Timeout: 9 }));
    for (const input of [{ Qualifier: '1' }, { FunctionName: 'f:1' }, { FunctionName: `${ARN}:1` }]) {
      assert.equal((await invoke(open, input)).ExecutedVersion, '1');
      const invocation = open.invoker.invocations.at(-1);
      assert.deepEqual([invocation?.invokedArn, invocation?.spec.timeoutMs], [`${ARN}:1`, 3_000]);
    }
    await invoke(open);
    assert.equal(open.invoker.invocations.at(-1)?.spec.timeoutMs, 9_000);
  });

  test("a function's failure of any kind is a 200 with Unhandled", async () => {
    await using open = await openWithFunction();
    const payload = Buffer.from('{"errorType":"Error"}');
    const outcomes: Outcome[] = [
      { kind: 'handled', errorType: 'Error', payload },
      { kind: 'unhandled', errorType: 'Runtime.ExitError', payload },
      { kind: 'timeout', errorType: 'Sandbox.Timedout', payload },
      { kind: 'out-of-memory', errorType: 'Runtime.OutOfMemory', payload },
    ];
    for (const outcome of outcomes) {
      open.invoker.answer = async () => completion(outcome);
      const answer = await invoke(open);
      assert.deepEqual(
        [answer.StatusCode, answer.FunctionError, answer.Payload?.transformToString()],
        [200, 'Unhandled', '{"errorType":"Error"}'],
      );
    }
  });

  test('LogType Tail gives the tail of the log', async () => {
    await using open = await openWithFunction();
    const answer = await invoke(open, { LogType: 'Tail' });
    assert.equal(Buffer.from(answer.LogResult ?? '', 'base64').toString(), 'END RequestId\n');
    assert.equal(open.invoker.invocations[0]?.logTail, true);
  });

  test('DryRun runs nothing', async () => {
    await using open = await openWithFunction();
    assert.equal((await invoke(open, { InvocationType: 'DryRun' })).StatusCode, 204);
    assert.equal(open.invoker.invocations.length, 0);
  });

  test('the client context is handed on as JSON, and refused when it is none or too long', async () => {
    await using open = await openWithFunction();
    const context = '{"custom":{"a":"ä"}}';
    await invoke(open, { ClientContext: Buffer.from(context).toString('base64') });
    assert.equal(open.invoker.invocations[0]?.clientContext, context);
    await assert.rejects(
      invoke(open, { ClientContext: 'bm9uZQ==' }),
      refusedWith(
        'InvalidRequestContentException',
        'Client context must be a valid Base64-encoded JSON object.',
      ),
    );
    const long = Buffer.from(JSON.stringify({ custom: 'x'.repeat(2_700) })).toString('base64');
    await assert.rejects(
      invoke(open, { ClientContext: long }),
      refusedWith('InvalidRequestContentException', 'Client context must be at most 3583 bytes.'),
    );
  });

  test('what is not JSON is refused before anything runs', async () => {
    await using open = await openWithFunction();
    for (const payload of ['{', ' ', 'x', Buffer.from([0x22, 0xff, 0x22])])
      await assert.rejects(
        invoke(open, { Payload: Buffer.from(payload) }),
        refusedWith(
          'InvalidRequestContentException',
          /^Could not parse request body into json: Could not parse payload into json: /,
        ),
      );
    assert.equal(open.invoker.invocations.length, 0);
  });

  test('events too large for their kind are refused', async () => {
    await using open = await openWithFunction();
    const large = Buffer.from(JSON.stringify('x'.repeat(1_048_576)));
    await assert.rejects(
      invoke(open, { InvocationType: 'Event', Payload: large }),
      refusedWith(
        'RequestEntityTooLargeException',
        '1048578 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
      ),
    );
    assert.equal((await invoke(open, { Payload: large })).StatusCode, 200);
    await assert.rejects(
      invoke(open, { Payload: Buffer.alloc(6_291_457, '1') }),
      refusedWith(
        'RequestEntityTooLargeException',
        'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
      ),
    );
  });

  test('unknown functions and versions are not found', async () => {
    await using open = await openWithFunction();
    for (const [input, arn] of [
      [{ FunctionName: 'g' }, ARN.replace(/f$/, 'g')],
      [{ Qualifier: '7' }, `${ARN}:7`],
      [{ Qualifier: 'live' }, `${ARN}:live`],
    ] as const)
      await assert.rejects(
        invoke(open, input),
        refusedWith('ResourceNotFoundException', `Function not found: ${arn}`),
      );
  });

  test('the trace header is passed on, or made, and answered', async () => {
    await using open = await openWithFunction();
    const ask = (headers: Record<string, string>) =>
      fetch(`${open.gateway.url}/2015-03-31/functions/f/invocations`, { method: 'POST', headers });
    const given = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const passed = await ask({ 'X-Amzn-Trace-Id': given });
    assert.equal(passed.headers.get('x-amzn-trace-id'), given);
    assert.equal(passed.headers.get('x-amzn-remapped-content-length'), '0');
    assert.equal(open.invoker.invocations[0]?.traceHeader, given);
    const made = await ask({ 'X-Amzn-Trace-Id': 'nonsense' });
    assert.match(
      made.headers.get('x-amzn-trace-id') ?? '',
      /^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/,
    );
  });

  test('a configuration called stale is read again and tried, for as many updates as one call may see', async () => {
    await using open = await openWithFunction();
    const answers = open.invoker.answer;
    let refusals = 7;
    open.invoker.answer = async invocation => {
      if (refusals-- > 0) throw fail('configuration-stale', { revision: '1' });
      return answers(invocation);
    };
    assert.equal((await invoke(open)).StatusCode, 200);
    refusals = 8;
    await assert.rejects(
      invoke(open),
      refusedWith('ServiceUnavailableException', 'The function is being updated.'),
    );
  });

  const failures: readonly (readonly [Reason, number, string, string | RegExp])[] = [
    ['limit-reached', 429, 'TooManyRequestsException', 'Rate Exceeded.'],
    ['scaling-too-fast', 429, 'TooManyRequestsException', 'Rate Exceeded.'],
    ['queue-full', 429, 'TooManyRequestsException', 'Rate Exceeded.'],
    ['no-capacity', 503, 'ServiceUnavailableException', 'No worker could take the invocation in time.'],
    ['no-placement', 503, 'ServiceUnavailableException', 'No placement service answers.'],
    ['draining', 503, 'ServiceUnavailableException', 'The service is shutting down.'],
    ['runtime-missing', 502, 'InvalidRuntimeException', 'No worker has the runtime r.'],
    ['outcome-unknown', 500, 'ServiceException', 'The outcome of the invocation id is unknown.'],
    ['environment-failed', 500, 'ServiceException', 'The service encountered an internal error.'],
    ['registry-unavailable', 500, 'ServiceException', 'The service encountered an internal error.'],
  ];
  for (const [reason, status, name, message] of failures)
    test(`${reason} is answered ${status} ${name}`, async () => {
      await using open = await openWithFunction();
      open.invoker.answer = () => Promise.reject(fail(reason, { runtime: 'r', requestId: 'id' }));
      const error = await invoke(open).catch((error: unknown) => error);
      assert.ok(refusedWith(name, message)(error));
      assert.equal((error as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode, status);
    });

  test('a refused start says why and when to come again', async () => {
    await using open = await openWithFunction();
    open.invoker.answer = () => Promise.reject(fail('limit-reached'));
    const response = await fetch(`${open.gateway.url}/2015-03-31/functions/f/invocations`, {
      method: 'POST',
    });
    assert.equal(response.headers.get('retry-after'), '1');
    assert.deepEqual(await response.json(), {
      Type: 'User',
      message: 'Rate Exceeded.',
      Reason: 'ConcurrentInvocationLimitExceeded',
    });
  });

  test('that its own reservation is used up is another reason', async () => {
    await using open = await openWithFunction();
    open.invoker.answer = () => Promise.reject(fail('limit-reached', { limit: 'reserved' }));
    await assert.rejects(invoke(open), { Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded' });
  });
});

suite('Invoke with Event', () => {
  test('202 is said when the event is on the queue, with all that its run needs', async () => {
    await using open = await openWithFunction();
    const answer = await invoke(open, {
      InvocationType: 'Event',
      Payload: Buffer.from('{"a":1}'),
      Qualifier: '$LATEST',
      ClientContext: Buffer.from('{}').toString('base64'),
    });
    assert.equal(answer.StatusCode, 202);
    const pulls = open.asyncQueues.queues.map(queue => queue.pull({ max: 1, waitMs: 0 }));
    const [delivery] = (await Promise.all(pulls)).flat();
    assert.ok(delivery);
    const event = decodeAsyncInvocation(delivery);
    assert.equal(event.requestId, answer.$metadata.requestId);
    assert.deepEqual(
      [event.name, event.qualifier, event.invokedArn, event.attempt, event.clientContext],
      ['f', '$LATEST', `${ARN}:$LATEST`, 1, '{}'],
    );
    assert.equal(Buffer.from(event.payload).toString(), '{"a":1}');
    assert.match(event.traceHeader ?? '', /^Root=/);
    assert.equal(open.invoker.invocations.length, 0);
  });

  test('a full queue is 429, not 202', async () => {
    await using open = await openWithFunction({ asyncMaxMessages: 1 });
    await invoke(open, { InvocationType: 'Event' });
    await assert.rejects(
      invoke(open, { InvocationType: 'Event' }),
      refusedWith('TooManyRequestsException', 'Rate Exceeded.'),
    );
  });

  test('a queue that cannot store is 500, not 202', async () => {
    await using open = await openWithFunction();
    await open.bus[Symbol.asyncDispose]();
    await assert.rejects(invoke(open, { InvocationType: 'Event' }), refusedWith('ServiceException', /./));
  });
});
