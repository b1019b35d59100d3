import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import type { Headers } from '@lambent/bus';
import { fail, isFailure } from '@lambent/core';
import { decodeAsyncInvocation } from '@lambent/functions';
import { encodeSubjectPart } from '@lambent/nats';
import { waitFor } from '@lambent/testing';
import { ARN, CREATE, completion, openTestGateway } from '../open-test-gateway.ts';

const TIMEOUT_MS = 10_000;
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** A gateway with a function, asked over its embedded bus as over NATS. */
async function openWithFunction(config: Parameters<typeof openTestGateway>[0] = {}) {
  const open = await openTestGateway(config);
  await open.client.send(new CreateFunctionCommand(CREATE));
  return {
    ...open,
    async ask(subject: string, body: string | Uint8Array = '', headers: Headers = {}) {
      const reply = await open.bus.request(subject, Buffer.from(body), {
        timeoutMs: TIMEOUT_MS,
        headers,
      });
      return { body: text(reply.body), headers: reply.headers };
    },
    async queued() {
      const pulls = open.asyncQueues.queues.map(queue => queue.pull({ max: 9, waitMs: 0 }));
      return (await Promise.all(pulls)).flat().map(decodeAsyncInvocation);
    },
  };
}

suite('Invoke over NATS', () => {
  test('the result comes back byte for byte, with what AWS says in headers', async () => {
    await using open = await openWithFunction();
    const { body, headers } = await open.ask('invoke.f', '{"a" : "ä"}', { 'lambent-log-type': 'Tail' });
    const [invocation] = open.invoker.invocations;
    assert.equal(body, '{"a" : "ä"}');
    assert.deepEqual(headers, {
      'Lambent-Status': '200',
      'Lambent-Executed-Version': '$LATEST',
      'Lambent-Log-Result': Buffer.from('END RequestId\n').toString('base64'),
      'Lambent-Request-Id': invocation?.requestId,
      'X-Amzn-Trace-Id': invocation?.traceHeader,
    });
    assert.equal(invocation?.invokedArn, ARN);
  });

  test('no body is an empty object', async () => {
    await using open = await openWithFunction();
    assert.equal((await open.ask('invoke.f')).body, '{}');
  });

  test('a version is a part of the subject, $LATEST as it stands or encoded, and an ARN is a name', async () => {
    await using open = await openWithFunction();
    for (const subject of ['f.$LATEST', 'f.%24LATEST', `${encodeSubjectPart(ARN)}.%24LATEST`, 'f:$LATEST'])
      assert.equal((await open.ask(`invoke.${subject}`)).headers['Lambent-Executed-Version'], '$LATEST');
    for (const { invokedArn } of open.invoker.invocations) assert.equal(invokedArn, `${ARN}:$LATEST`);
  });

  test("a function's failure is an answer", async () => {
    await using open = await openWithFunction();
    const payload = Buffer.from('{"errorType":"Error"}');
    open.invoker.answer = async () => completion({ kind: 'handled', errorType: 'Error', payload });
    const { body, headers } = await open.ask('invoke.f');
    assert.deepEqual(
      [body, headers['Lambent-Status'], headers['Lambent-Function-Error']],
      ['{"errorType":"Error"}', '200', 'Unhandled'],
    );
  });

  test('the client context and the trace are handed on', async () => {
    await using open = await openWithFunction();
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const context = Buffer.from('{"custom":{"a":"ä"}}').toString('base64');
    await open.ask('invoke.f', '', { 'X-Amzn-Trace-Id': trace, 'Lambent-Client-Context': context });
    // Neither what is no header nor what is longer than any reaches a function.
    for (const header of [`${trace};x=\u2028`, `${trace};x=${'x'.repeat(100_000)}`])
      await open.ask('invoke.f', '', { 'X-Amzn-Trace-Id': header });
    const [first, ...others] = open.invoker.invocations;
    assert.deepEqual([first?.clientContext, first?.traceHeader], ['{"custom":{"a":"ä"}}', trace]);
    for (const { traceHeader } of others)
      assert.match(traceHeader ?? '', /^Root=[\w-]+;Parent=\w+;Sampled=0$/);
  });

  test('a response that is larger than a message is refused with the limit', async () => {
    await using open = await openWithFunction();
    open.invoker.answer = async () => completion({ kind: 'ok', payload: Buffer.alloc(2_097_153, '1') });
    const { body, headers } = await open.ask('invoke.f');
    assert.deepEqual(
      [headers['Lambent-Status'], headers['Lambent-Error-Type']],
      ['413', 'RequestEntityTooLargeException'],
    );
    assert.match(body, /ran, and its response of 2097153 bytes is larger .* \(limit 2080768 bytes\)/);
  });
});

suite('Events over NATS', () => {
  test('the reply comes when the event is on the queue', async () => {
    await using open = await openWithFunction();
    const { body, headers } = await open.ask('event.f.$LATEST', '{"a":1}');
    assert.deepEqual([body, headers['Lambent-Status']], ['', '202']);
    const [event, ...more] = await open.queued();
    assert.deepEqual(more, []);
    assert.deepEqual(
      [event?.requestId, text(event?.payload ?? Buffer.of()), event?.invokedArn],
      [headers['Lambent-Request-Id'], '{"a":1}', `${ARN}:$LATEST`],
    );
  });

  test('an event that was sent again under its name is acknowledged again, and is one', async () => {
    await using open = await openWithFunction();
    const first = await open.ask('event.f', '{}', { 'Nats-Msg-Id': 'order-1' });
    const again = await open.ask('event.f', '{}', { 'Nats-Msg-Id': 'order-1' });
    assert.deepEqual(again.headers['Lambent-Status'], '202');
    assert.equal(first.headers['Lambent-Request-Id'], again.headers['Lambent-Request-Id']);
    assert.match(
      again.headers['Lambent-Request-Id'] ?? '',
      /^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/,
    );
    await open.ask('event.f.$LATEST', '{}', { 'Nats-Msg-Id': 'order-1' });
    await open.ask('event.f', '{}', { 'Nats-Msg-Id': 'order-2' });
    assert.equal((await open.queued()).length, 3);
  });

  test('one that is published without asking for a reply is taken', async () => {
    await using open = await openWithFunction();
    open.bus.publish('event.f', Buffer.from('{"a":1}'));
    // What follows it on the bus has been answered only after it.
    await open.ask('event.f', '{"a":2}');
    assert.deepEqual((await open.queued()).map(({ payload }) => text(payload)).toSorted(), [
      '{"a":1}',
      '{"a":2}',
    ]);
  });

  test('one that is too large is refused', async () => {
    await using open = await openWithFunction();
    const { headers } = await open.ask('event.f', Buffer.alloc(1_048_577, '1'));
    assert.equal(headers['Lambent-Status'], '413');
    assert.deepEqual(await open.queued(), []);
  });
});

suite('What NATS refuses', () => {
  const subjects: readonly (readonly [what: string, subject: string, status: string, type: string])[] = [
    ['a function that is not there', 'g', '404', 'ResourceNotFoundException'],
    ['a version that is not there', 'f.7', '404', 'ResourceNotFoundException'],
    ['two versions', 'f%3A1.2', '400', 'InvalidParameterValueException'],
    ['a name with a dot', 'f%2Eg', '400', 'ValidationException'],
    ['more parts than two', 'f.1.2', '400', 'ValidationException'],
    ['a wildcard', encodeSubjectPart('*'), '400', 'ValidationException'],
    ['a tail', encodeSubjectPart('>'), '400', 'ValidationException'],
    ['a name that is none', encodeSubjectPart('fü\u0000\r\n'), '400', 'ValidationException'],
    ['an empty name', encodeSubjectPart(''), '400', 'ValidationException'],
    ['half an encoding', 'f%2', '400', 'ValidationException'],
    ['an encoding that is none', '%FF%FE', '400', 'ValidationException'],
    ['a name of a hundred thousand characters', 'x'.repeat(100_000), '400', 'ValidationException'],
  ];
  for (const [what, subject, status, type] of subjects)
    test(`${what} is ${status} ${type}`, async () => {
      await using open = await openWithFunction();
      for (const kind of ['invoke', 'event']) {
        const { body, headers } = await open.ask(`${kind}.${subject}`);
        assert.deepEqual([headers['Lambent-Status'], headers['Lambent-Error-Type']], [status, type]);
        assert.match(headers['Lambent-Request-Id'] ?? '', /^[\da-f-]{36}$/);
        assert.ok(JSON.parse(body));
      }
      assert.deepEqual([open.invoker.invocations.length, (await open.queued()).length], [0, 0]);
    });

  test('its words are those of HTTP', async () => {
    await using open = await openWithFunction();
    const answers = [
      ['invoke.g', '/2015-03-31/functions/g/invocations', ''],
      ['invoke.f', '/2015-03-31/functions/f/invocations', '{'],
    ] as const;
    for (const [subject, path, body] of answers) {
      const overHttp = await fetch(open.gateway.url + path, { method: 'POST', body });
      const { body: answered, headers } = await open.ask(subject, body);
      assert.equal(answered, await overHttp.text());
      assert.equal(headers['Lambent-Status'], String(overHttp.status));
      assert.equal(headers['Lambent-Error-Type'], overHttp.headers.get('x-amzn-errortype'));
    }
    open.invoker.answer = async () => {
      throw fail('limit-reached');
    };
    const { body, headers } = await open.ask('invoke.f');
    assert.equal(headers['Lambent-Status'], '429');
    assert.equal(JSON.parse(body).Reason, 'ConcurrentInvocationLimitExceeded');
  });

  test('a deadline that is none is refused', async () => {
    await using open = await openWithFunction();
    for (const deadline of ['', '0', '-1', 'soon', '1e3', '86400001', '9'.repeat(1_000)]) {
      const { headers } = await open.ask('invoke.f', '', { 'Lambent-Deadline-Ms': deadline });
      assert.deepEqual(
        [headers['Lambent-Status'], headers['Lambent-Error-Type']],
        ['400', 'ValidationException'],
        deadline,
      );
    }
  });
});

suite('How long a caller over NATS waits', () => {
  test('past its deadline it is told so, and whoever still waits for an environment is too', async () => {
    await using open = await openWithFunction();
    const aborted = Promise.withResolvers<void>();
    open.invoker.answer = ({ signal }) => {
      signal?.addEventListener('abort', () => aborted.resolve());
      return new Promise(() => {});
    };
    const { headers } = await open.ask('invoke.f', '', { 'Lambent-Deadline-Ms': '50' });
    assert.deepEqual(
      [headers['Lambent-Status'], headers['Lambent-Error-Type']],
      ['408', 'RequestTimeoutException'],
    );
    await aborted.promise;
  });

  test('a door that drains answers what is in flight, and takes nothing more', async () => {
    await using open = await openWithFunction();
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    open.invoker.answer = async ({ payload }) => {
      started.resolve();
      await finish.promise;
      return completion({ kind: 'ok', payload });
    };
    const call = open.ask('invoke.f', '"late"');
    await started.promise;
    const closing = open.gateway[Symbol.asyncDispose]();
    await waitFor('the door to take no more messages', () =>
      open.ask('invoke.no-such-function').then(
        () => false,
        error => isFailure(error, 'link-broken'),
      ),
    );
    finish.resolve();
    assert.equal((await call).body, '"late"');
    await closing;
  });

  test('what does not finish in time is told that nobody knows', async () => {
    await using open = await openWithFunction({ gatewayDrainTimeoutMs: 20 });
    const started = Promise.withResolvers<void>();
    open.invoker.answer = () => {
      started.resolve();
      return new Promise(() => {});
    };
    const call = open.ask('invoke.f');
    await started.promise;
    await open.gateway[Symbol.asyncDispose]();
    const { body, headers } = await call;
    assert.equal(headers['Lambent-Status'], '500');
    assert.equal(
      JSON.parse(body).Message,
      `The outcome of the invocation ${headers['Lambent-Request-Id']} is unknown.`,
    );
  });
});
