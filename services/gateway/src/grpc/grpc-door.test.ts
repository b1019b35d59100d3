import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, constants } from 'node:http2';
import { createConnection } from 'node:net';
import { suite, test } from 'node:test';
import { CreateFunctionCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { fromBinary } from '@bufbuild/protobuf';
import { FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt';
import { credentials, type ServiceError, status } from '@grpc/grpc-js';
import { createAuthority, issue } from '@lambent/certificates';
import { InvocationType } from '@lambent/contracts';
import { fail, isFailure, type Outcome, type Reason, SystemClock } from '@lambent/core';
import { decodeAsyncInvocation } from '@lambent/functions';
import { waitFor } from '@lambent/testing';
import { ARN, CREATE, completion, openTestGateway } from '../open-test-gateway.ts';
import { openHealthClient } from './open-health-client.ts';
import { openInvocationClient } from './open-invocation-client.ts';
import { openReflectionClient } from './open-reflection-client.ts';

async function openWithFunction(config: Parameters<typeof openTestGateway>[0] = {}) {
  await using stack = new AsyncDisposableStack();
  const open = stack.use(await openTestGateway(config));
  await open.client.send(new CreateFunctionCommand(CREATE));
  const grpc = stack.use(openInvocationClient(open.gateway.grpcAddress));
  const owned = stack.move();
  return { ...open, grpc, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const text = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString();

/** What a refusal says, besides its request's id. */
function refusal({ error }: { error: ServiceError | undefined }) {
  assert.ok(error);
  assert.match(String(error.metadata.get('lambent-request-id')), /^[\da-f-]{36}$/);
  return [error.code, String(error.metadata.get('lambent-error-type')), error.details];
}

suite('Invoke over gRPC', () => {
  test('the result comes back byte for byte, with the version that ran and the id of the request', async () => {
    await using open = await openWithFunction();
    const payload = Buffer.from('{"a" : "ä"}');
    const { response, metadata } = await open.grpc.invoke({ payload, logTail: true });
    assert.equal(response?.statusCode, 200);
    assert.equal(text(response.payload), '{"a" : "ä"}');
    assert.deepEqual([response.executedVersion, response.functionError], ['$LATEST', '']);
    assert.equal(text(response.logTail), 'END RequestId\n');
    const [invocation] = open.invoker.invocations;
    assert.deepEqual([invocation?.invokedArn, invocation?.logTail], [ARN, true]);
    assert.equal(invocation?.requestId, response.requestId);
    assert.deepEqual(metadata.get('lambent-request-id'), [response.requestId]);
  });

  test('no payload is an empty object, and no log is sent that was not asked for', async () => {
    await using open = await openWithFunction();
    const { response } = await open.grpc.invoke({});
    assert.equal(text(response?.payload), '{}');
    assert.equal(response?.logTail.length, 0);
  });

  test('any name and any qualifier that HTTP takes will do', async () => {
    await using open = await openWithFunction();
    for (const request of [
      { qualifier: '$LATEST' },
      { functionName: 'f:$LATEST' },
      { functionName: `${ARN}:$LATEST` },
    ])
      assert.equal((await open.grpc.invoke(request)).response?.executedVersion, '$LATEST');
    assert.equal(open.invoker.invocations.at(-1)?.invokedArn, `${ARN}:$LATEST`);
  });

  test("a function's failure is a response", async () => {
    await using open = await openWithFunction();
    const payload = Buffer.from('{"errorType":"Error"}');
    open.invoker.answer = async () => completion({ kind: 'timeout', errorType: 'Sandbox.Timedout', payload });
    const { response } = await open.grpc.invoke({});
    assert.deepEqual(
      [response?.statusCode, response?.functionError, text(response?.payload)],
      [200, 'Unhandled', '{"errorType":"Error"}'],
    );
  });

  test('an event is accepted once it is on the queue, and a dry run runs nothing', async () => {
    await using open = await openWithFunction();
    const payload = Buffer.from('{"a":1}');
    const event = await open.grpc.invoke({ invocationType: InvocationType.EVENT, payload });
    assert.equal(event.response?.statusCode, 202);
    const pulls = open.asyncQueues.queues.map(queue => queue.pull({ max: 1, waitMs: 0 }));
    const [delivery] = (await Promise.all(pulls)).flat();
    assert.ok(delivery);
    const queued = decodeAsyncInvocation(delivery);
    assert.deepEqual(
      [queued.requestId, text(queued.payload), queued.invokedArn],
      [event.response.requestId, '{"a":1}', ARN],
    );
    const dry = await open.grpc.invoke({ invocationType: InvocationType.DRY_RUN });
    assert.equal(dry.response?.statusCode, 204);
    assert.equal(open.invoker.invocations.length, 0);
  });

  test('the client context and the trace are handed on', async () => {
    await using open = await openWithFunction();
    const clientContext = '{"custom":{"a":"ä"}}';
    const trace = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    await open.grpc.invoke({ clientContext }, { headers: { 'x-amzn-trace-id': trace } });
    const [invocation] = open.invoker.invocations;
    assert.deepEqual([invocation?.clientContext, invocation?.traceHeader], [clientContext, trace]);
  });
});

suite('What gRPC refuses', () => {
  test('it is refused with the text that HTTP refuses it with', async () => {
    await using open = await openWithFunction();
    const requests: readonly { functionName?: string; qualifier?: string; payload?: Uint8Array }[] = [
      { functionName: 'g' },
      { functionName: 'f', qualifier: '7' },
      { functionName: 'f:1', qualifier: '2' },
      { functionName: 'a.b' },
      { functionName: '*' },
      { functionName: 'f.>' },
      { functionName: 'fü\u0000\n' },
      { functionName: 'x'.repeat(200) },
      { functionName: 'arn:aws:lambda:eu-west-9:000000000000:function:f' },
      { qualifier: 'no such' },
      { payload: Buffer.from('{') },
      { payload: Buffer.from([0x22, 0xff, 0x22]) },
    ];
    for (const request of requests) {
      const { functionName = 'f', qualifier, payload } = request;
      const asked = new InvokeCommand({
        FunctionName: functionName,
        ...(qualifier !== undefined && { Qualifier: qualifier }),
        ...(payload && { Payload: payload }),
      });
      const overHttp = await open.client.send(asked).then(
        () => assert.fail('HTTP took it'),
        (error: Error) => [error.name, error.message],
      );
      assert.deepEqual(refusal(await open.grpc.invoke(request)).slice(1), overHttp);
    }
    assert.equal(open.invoker.invocations.length, 0);
  });

  const reasons: readonly (readonly [Reason, status, string])[] = [
    ['limit-reached', status.RESOURCE_EXHAUSTED, 'TooManyRequestsException'],
    ['no-capacity', status.UNAVAILABLE, 'ServiceUnavailableException'],
    ['runtime-missing', status.FAILED_PRECONDITION, 'InvalidRuntimeException'],
    ['outcome-unknown', status.INTERNAL, 'ServiceException'],
  ];
  for (const [reason, code, type] of reasons)
    test(`${reason} is told as ${status[code]}`, async () => {
      await using open = await openWithFunction();
      open.invoker.answer = async () => {
        throw fail(reason, { requestId: 'r', runtime: 'x' });
      };
      assert.deepEqual(refusal(await open.grpc.invoke({})).slice(0, 2), [code, type]);
    });

  test('a name of a hundred thousand characters is told in a message that clients can take', async () => {
    await using open = await openWithFunction();
    const [code, type, details] = refusal(await open.grpc.invoke({ functionName: 'ü'.repeat(100_000) }));
    assert.deepEqual([code, type], [status.INVALID_ARGUMENT, 'ValidationException']);
    assert.match(
      String(details),
      /^2 validation errors detected: Value 'ü+…ü+\.\.\.' at 'functionName' failed .* less than or equal to 256$/,
    );
    assert.ok(Buffer.byteLength(String(details)) <= 1_030);
  });

  test('a type of invocation that does not exist is named', async () => {
    await using open = await openWithFunction();
    const [code, , details] = refusal(await open.grpc.invoke({ invocationType: 7 as InvocationType }));
    assert.equal(code, status.INVALID_ARGUMENT);
    assert.match(
      String(details),
      /'7' at 'invocationType'.* enum value set: \[Event, RequestResponse, DryRun\]/,
    );
  });

  test('an event that is too large is refused in words, and the connection goes on', async () => {
    await using open = await openWithFunction();
    const large = (bytes: number) => Buffer.alloc(bytes, '1');
    assert.deepEqual(refusal(await open.grpc.invoke({ payload: large(6_291_457) })), [
      status.INVALID_ARGUMENT,
      'RequestEntityTooLargeException',
      'Request must be smaller than 6291456 bytes for the InvokeFunction operation',
    ]);
    const invocationType = InvocationType.EVENT;
    assert.deepEqual(refusal(await open.grpc.invoke({ invocationType, payload: large(1_048_577) })), [
      status.INVALID_ARGUMENT,
      'RequestEntityTooLargeException',
      '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
    ]);
    // What is larger than a message may be is not read at all: these words are gRPC's own.
    const { error } = await open.grpc.invoke({ payload: large(20_000_000) });
    assert.equal(error?.code, status.RESOURCE_EXHAUSTED);
    assert.match(error.details, /larger than max/);
    const payload = large(6_291_456);
    open.invoker.answer = async () => completion({ kind: 'ok', payload: large(6_291_556) });
    assert.equal((await open.grpc.invoke({ payload })).response?.payload.length, 6_291_556);
  });

  test('what is nested deeply is an event like any other', async () => {
    await using open = await openWithFunction();
    const payload = Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`);
    assert.equal((await open.grpc.invoke({ payload })).response?.statusCode, 200);
  });

  test('headers without measure fail their own call only', async () => {
    await using open = await openWithFunction();
    const { error } = await open.grpc.invoke({}, { headers: { 'x-long': 'x'.repeat(200_000) } });
    assert.ok(error);
    assert.equal((await open.grpc.invoke({})).response?.statusCode, 200);
  });

  test('what is no message of the protos is refused, and the next is served', async () => {
    await using open = await openWithFunction();
    const session = connect(`http://${open.gateway.grpcAddress}`);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/lambent.v1.InvocationService/Invoke',
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    stream.end(Buffer.from([0, 0, 0, 0, 2, 0xff, 0xff]));
    const headers = await new Promise<Record<string, unknown>>(resolve => stream.once('response', resolve));
    assert.equal(headers['grpc-status'], String(status.INTERNAL));
    stream.close(constants.NGHTTP2_NO_ERROR);
    session.destroy();
    assert.equal((await open.grpc.invoke({})).response?.statusCode, 200);
  });

  test('an address that other machines reach is refused unless it is asked for', async () => {
    await assert.rejects(openTestGateway({ grpcHost: '0.0.0.0' }), error =>
      isFailure(error, 'config-invalid'),
    );
    await using open = await openTestGateway({ grpcHost: '0.0.0.0', insecureListen: true });
    assert.match(open.gateway.grpcAddress, /^0\.0\.0\.0:\d+$/);
  });
});

suite('How long a caller over gRPC waits', () => {
  test("past the call's deadline the caller is told, and whoever still waits for an environment is too", async () => {
    await using open = await openWithFunction();
    const aborted = Promise.withResolvers<void>();
    open.invoker.answer = ({ signal }) => {
      signal?.addEventListener('abort', () => aborted.resolve());
      return new Promise(() => {});
    };
    const { error } = await open.grpc.invoke({}, { deadline: Date.now() + 100 });
    assert.equal(error?.code, status.DEADLINE_EXCEEDED);
    await aborted.promise;
  });

  test('a caller that cancels ends the wait likewise', async () => {
    await using open = await openWithFunction();
    const started = Promise.withResolvers<void>();
    const aborted = Promise.withResolvers<void>();
    open.invoker.answer = ({ signal }) => {
      signal?.addEventListener('abort', () => aborted.resolve());
      started.resolve();
      return new Promise(() => {});
    };
    const call = open.grpc.start({});
    await started.promise;
    call.cancel();
    assert.equal((await call.replied).error?.code, status.CANCELLED);
    await aborted.promise;
  });
});

suite('InvokeWithResponseStream', () => {
  async function read(stream: ReturnType<ReturnType<typeof openInvocationClient>['stream']>) {
    const events = [];
    for await (const { event } of stream) events.push(event);
    return events;
  }

  test('a response comes in parts, and then how it ended', async () => {
    await using open = await openWithFunction();
    const payload = Buffer.from(JSON.stringify('x'.repeat(150_000)));
    const events = await read(open.grpc.stream({ payload, logTail: true }));
    const last = events.pop();
    assert.ok(last?.case === 'complete');
    assert.equal(last.value.requestId, open.invoker.invocations[0]?.requestId);
    assert.deepEqual(
      [last.value.executedVersion, last.value.errorCode, text(last.value.logTail)],
      ['$LATEST', '', 'END RequestId\n'],
    );
    const chunks = events.map(event => (event.case === 'payloadChunk' ? event.value : assert.fail()));
    assert.deepEqual(
      chunks.map(chunk => chunk.length),
      [65_536, 65_536, 18_930],
    );
    assert.deepEqual(Buffer.concat(chunks), payload);
  });

  test('a failure of the function is told at the end', async () => {
    await using open = await openWithFunction();
    const outcome: Outcome = {
      kind: 'unhandled',
      errorType: 'Runtime.ExitError',
      payload: Buffer.from('{}'),
    };
    open.invoker.answer = async () => completion(outcome);
    const [complete, ...more] = await read(open.grpc.stream({}));
    assert.ok(complete?.case === 'complete');
    assert.deepEqual([complete.value.errorCode, complete.value.errorDetails], ['Runtime.ExitError', '{}']);
    assert.deepEqual(more, []);
  });

  test('a refusal is a status', async () => {
    await using open = await openWithFunction();
    const error = await read(open.grpc.stream({ functionName: 'g' })).catch(error => error as ServiceError);
    assert.ok(error instanceof Error);
    assert.deepEqual(refusal({ error }), [
      status.NOT_FOUND,
      'ResourceNotFoundException',
      `Function not found: ${ARN.replace(/f$/, 'g')}`,
    ]);
  });
});

suite('A gRPC door that closes', () => {
  test('tells who watches its health, and ends the watch', async () => {
    const open = await openWithFunction();
    using health = openHealthClient(open.gateway.grpcAddress);
    for (const service of ['', 'lambent.v1.InvocationService'])
      assert.equal(await health.check(service), 'SERVING');
    await assert.rejects(health.check('no.such.Service'), { code: status.NOT_FOUND });
    const seen: string[] = [];
    const first = Promise.withResolvers<void>();
    const ended = new Promise<ServiceError>(resolve =>
      health
        .watch('')
        .on('data', ({ status: told }) => {
          seen.push(told);
          first.resolve();
        })
        .on('error', resolve),
    );
    await first.promise;
    await open[Symbol.asyncDispose]();
    assert.equal((await ended).code, status.UNAVAILABLE);
    assert.deepEqual(seen, ['SERVING', 'NOT_SERVING']);
  });

  test('finishes what is in flight and takes nothing more', async () => {
    const open = await openWithFunction();
    const started = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    open.invoker.answer = async ({ payload }) => {
      started.resolve();
      await finish.promise;
      return completion({ kind: 'ok', payload });
    };
    const call = open.grpc.invoke({ payload: Buffer.from('"late"') });
    await started.promise;
    // Has connected and says nothing.
    const [host, port] = open.gateway.grpcAddress.split(':');
    const idle = createConnection({ host, port: Number(port) });
    await once(idle, 'connect');
    const closing = open.gateway[Symbol.asyncDispose]();
    using late = openInvocationClient(open.gateway.grpcAddress);
    await waitFor('the door to take no more connections', async () => {
      const { error } = await late.invoke({ invocationType: InvocationType.DRY_RUN });
      return error?.code === status.UNAVAILABLE;
    });
    finish.resolve();
    assert.equal(text((await call).response?.payload), '"late"');
    await closing;
    await open.gateway[Symbol.asyncDispose]();
    await open[Symbol.asyncDispose]();
    idle.destroy();
  });

  test('cuts off what does not finish in time', async () => {
    const open = await openWithFunction({ gatewayDrainTimeoutMs: 50 });
    const started = Promise.withResolvers<void>();
    open.invoker.answer = () => {
      started.resolve();
      return new Promise(() => {});
    };
    const call = open.grpc.invoke({});
    await started.promise;
    await open.gateway[Symbol.asyncDispose]();
    assert.ok((await call).error);
    await open[Symbol.asyncDispose]();
  });
});

suite('Reflection', () => {
  for (const version of ['v1', 'v1alpha'])
    test(`${version} names the services and gives their files`, async () => {
      await using open = await openWithFunction();
      using reflection = openReflectionClient(open.gateway.grpcAddress, version);
      const { listServicesResponse } = await reflection.ask({ listServices: '*' });
      assert.deepEqual(
        listServicesResponse?.service.map(({ name }) => name),
        ['lambent.v1.InvocationService', 'grpc.health.v1.Health'],
      );
      const symbol = { fileContainingSymbol: 'lambent.v1.InvocationService' };
      const [file] = (await reflection.ask(symbol)).fileDescriptorResponse?.fileDescriptorProto ?? [];
      assert.ok(file);
      const { name, service } = fromBinary(FileDescriptorProtoSchema, file);
      assert.equal(name, 'lambent/v1/invocation.proto');
      assert.deepEqual(
        service[0]?.method.map(method => method.name),
        ['Invoke', 'InvokeWithResponseStream'],
      );
    });
});

suite('A gRPC door with certificates', () => {
  async function openWithCertificates() {
    const clock = new SystemClock();
    const authority = await createAuthority({ clock, name: 'test' });
    const issued = (role: 'gateway' | 'client') =>
      issue(authority, { role, id: '1', hosts: [], days: 1, clock });
    const open = await openTestGateway({ grpcHost: '0.0.0.0' }, { grpcTls: await issued('gateway') });
    await open.client.send(new CreateFunctionCommand(CREATE));
    const address = open.gateway.grpcAddress.replace('0.0.0.0', 'localhost');
    return { ...open, address, ca: Buffer.from(authority.ca), shown: await issued('client') };
  }

  test('serves who shows one of the same authority, and nobody else', async () => {
    await using open = await openWithCertificates();
    const { ca, shown, address } = open;
    const key = [Buffer.from(shown.privateKey), Buffer.from(shown.certificate)] as const;
    using known = openInvocationClient(address, credentials.createSsl(ca, ...key));
    assert.equal((await known.invoke({})).response?.statusCode, 200);
    for (const proof of [credentials.createSsl(ca), credentials.createInsecure()]) {
      using unknown = openInvocationClient(address, proof);
      assert.equal((await unknown.invoke({})).error?.code, status.UNAVAILABLE);
    }
    assert.equal((await known.invoke({})).response?.statusCode, 200);
  });
});
