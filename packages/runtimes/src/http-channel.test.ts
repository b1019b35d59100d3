import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type ClientRequest, request } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { AWS_QUOTAS, type ResponseSink, SeededRandom } from '@lambent/core';
import { openHttpChannel } from './http-channel.ts';
import type { ResponseLimits } from './runtime-channel.ts';
import {
  ChannelEnded,
  InitFailure,
  RestoreFailure,
  type RuntimeChannel,
  type RuntimeEvent,
} from './runtime-channel.ts';

const EVENT: RuntimeEvent = {
  requestId: 'first',
  payload: Buffer.from('{"a":1}'),
  deadlineEpochMs: 1_700_000_000_123,
  invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:tried',
};

test('an event is handed to whoever asks, and its answer to whoever invoked', async () => {
  await using api = await openApi();
  const next = api.get('/runtime/invocation/next');
  await api.channel.ready;
  const answer = api.channel.invoke({
    ...EVENT,
    traceHeader: 'Root=1',
    clientContext: '{\n"name": "Jürgen"}',
    tenantId: 'blue',
  });
  const { status, headers, body } = await next;
  assert.equal(status, 200);
  assert.equal(body, '{"a":1}');
  assert.equal(headers['content-type'], 'application/json');
  assert.equal(headers['lambda-runtime-aws-request-id'], 'first');
  assert.equal(headers['lambda-runtime-deadline-ms'], '1700000000123');
  assert.equal(headers['lambda-runtime-invoked-function-arn'], EVENT.invokedFunctionArn);
  assert.equal(headers['lambda-runtime-trace-id'], 'Root=1');
  assert.equal(headers['lambda-runtime-aws-tenant-id'], 'blue');
  const clientContext = Buffer.from(String(headers['lambda-runtime-client-context']), 'latin1').toString();
  assert.deepEqual(JSON.parse(clientContext), { name: 'Jürgen' });
  const posted = await api.post('/runtime/invocation/first/response', 'done', {
    'Lambda-Runtime-Invocation-Id': String(headers['lambda-runtime-invocation-id']),
  });
  assert.deepEqual([posted.status, JSON.parse(posted.body)], [202, { status: 'OK' }]);
  assert.deepEqual(await answer, { kind: 'response', payload: Buffer.from('done') });

  const rested = api.channel.rested();
  const last = assert.rejects(api.get('/runtime/invocation/next'));
  await rested;
  api.channel[Symbol.dispose]();
  await last;
});

test('a runtime waits to be restored, and then asks for its event', async () => {
  await using api = await openApi({ snapStart: true });
  const held = api.get('/runtime/restore/next');
  await api.channel.ready;
  assert.deepEqual((await api.get('/runtime/invocation/next')).error.slice(0, 2), [
    403,
    'InvalidStateTransition',
  ]);
  const restored = api.channel.restore();
  assert.deepEqual([(await held).status, (await held).body], [200, '']);
  const next = api.get('/runtime/invocation/next');
  await restored;
  const answer = api.channel.invoke(EVENT);
  assert.equal((await next).body, '{"a":1}');
  await api.post('/runtime/invocation/first/response', 'done');
  assert.equal((await answer).kind, 'response');
  assert.deepEqual((await api.get('/runtime/restore/next')).error.slice(0, 2), [
    403,
    'InvalidStateTransition',
  ]);
});

test('what goes wrong while it is restored is posted, and at no other time', async () => {
  await using api = await openApi({ snapStart: true });
  const held = api.get('/runtime/restore/next');
  await api.channel.ready;
  const document = '{"errorMessage":"not now"}';
  assert.equal((await api.post('/runtime/restore/error', document)).status, 403);
  const restored = assert.rejects(api.channel.restore(), (error: Error) => {
    assert.ok(error instanceof RestoreFailure);
    assert.equal(Buffer.from(error.payload).toString(), document);
    return true;
  });
  await held;
  assert.equal((await api.post('/runtime/restore/error', document)).status, 202);
  await restored;
});

test('an error is posted with its type, if it has the form of one', async () => {
  const types: readonly [given: string, recorded: string][] = [
    ['Function.OutOfStock', 'Function.OutOfStock'],
    ['Runtime.UnhandledPromiseRejection', 'Runtime.UnhandledPromiseRejection'],
    ['Unhandled', 'Function.Unknown'],
    ['Function.lowerCase', 'Function.Unknown'],
    ['Function.Two Words', 'Function.Unknown'],
  ];
  for (const [given, errorType] of types) {
    await using api = await openApi();
    const answer = await api.begin();
    const document = '{"errorType":"X","errorMessage":"y"}';
    await api.post('/runtime/invocation/first/error', document, {
      'Lambda-Runtime-Function-Error-Type': given,
      'Lambda-Runtime-Function-XRay-Error-Cause': 'x'.repeat(1_000_000),
    });
    assert.deepEqual(await answer.promise, { kind: 'error', errorType, payload: Buffer.from(document) });
  }
});

test('what is not the active invocation is refused, and changes nothing', async () => {
  await using api = await openApi();
  const early = await api.post('/runtime/invocation/first/response', '1');
  assert.deepEqual(early.error, [
    403,
    'InvalidStateTransition',
    'Transition from Started to InvocationResponse failed for runtime. Error: State transition is not allowed',
  ]);
  const answer = await api.begin();
  const wrong = await api.post('/runtime/invocation/other/response', '1');
  assert.deepEqual(wrong.error, [400, 'InvalidRequestID', 'Invalid request ID']);
  const stale = await api.post('/runtime/invocation/first/response', '1', {
    'Lambda-Runtime-Invocation-Id': 'old',
  });
  assert.equal(stale.error[1], 'InvalidInvocationId');
  const mode = await api.post('/runtime/invocation/first/response', '1', {
    'Lambda-Runtime-Function-Response-Mode': 'sideways',
  });
  assert.equal(mode.error[1], 'InvalidFunctionResponseMode');
  const next = await api.get('/runtime/invocation/next');
  assert.equal(next.error[1], 'InvalidStateTransition');
  const initError = await api.post('/runtime/init/error', '{}');
  assert.equal(initError.error[1], 'InvalidStateTransition');
  await api.post('/runtime/invocation/first/response', 'the one');
  const twice = await api.post('/runtime/invocation/first/response', 'another');
  assert.deepEqual(twice.error, [400, 'InvalidRequestID', 'Invalid request ID']);
  assert.deepEqual(await answer.promise, { kind: 'response', payload: Buffer.from('the one') });
});

test('of two answers posted at once the first counts', async () => {
  await using api = await openApi();
  const answer = await api.begin();
  const slow = request(api.url('/runtime/invocation/first/response'), { method: 'POST' });
  await new Promise(resolve => slow.write('sl', resolve));
  await api.untilPosted();
  const second = await api.post('/runtime/invocation/first/error', '{}');
  assert.equal(second.error[1], 'InvalidRequestID');
  slow.end('ow');
  assert.deepEqual(await answer.promise, { kind: 'response', payload: Buffer.from('slow') });
});

test('an answer at the quota is kept, a larger one is only counted', async () => {
  await using api = await openApi();
  const kept = await api.begin();
  const most = await api.post('/runtime/invocation/first/response', 'x'.repeat(AWS_QUOTAS.responseBytes));
  assert.equal(most.status, 202);
  assert.equal((await kept.promise).kind, 'response');
  const counted = await api.begin('second');
  const over = await api.post(
    '/runtime/invocation/second/response',
    'x'.repeat(AWS_QUOTAS.responseBytes + 1),
  );
  assert.deepEqual(over.error, [
    413,
    'RequestEntityTooLarge',
    'Exceeded maximum allowed payload size (6291556 bytes).',
  ]);
  assert.deepEqual(await counted.promise, {
    kind: 'too-large',
    bytes: AWS_QUOTAS.responseBytes + 1,
    max: AWS_QUOTAS.responseBytes,
  });
});

test('the quotas of answers, whole and in parts, are what they were set to', async () => {
  await using api = await openApi({ limits: { responseBytes: 10, streamedResponseBytes: 20 } });
  const whole = await api.begin();
  const over = await api.post('/runtime/invocation/first/response', 'x'.repeat(11));
  assert.deepEqual(over.error, [
    413,
    'RequestEntityTooLarge',
    'Exceeded maximum allowed payload size (10 bytes).',
  ]);
  assert.deepEqual(await whole.promise, { kind: 'too-large', bytes: 11, max: 10 });
});

test('a streamed answer is collected, and its trailers may make it an error', async () => {
  await using api = await openApi();
  const answer = await api.begin();
  await api.stream('/runtime/invocation/first/response', ['a', 'b', 'c'], {});
  assert.deepEqual(await answer.promise, { kind: 'response', payload: Buffer.from('abc') });
  const broken = await api.begin('second');
  await api.stream('/runtime/invocation/second/response', ['begun'], {
    'Lambda-Runtime-Function-Error-Type': 'Function.Broke',
    'Lambda-Runtime-Function-Error-Body': Buffer.from('{"errorMessage":"x"}').toString('base64'),
  });
  const payload = Buffer.from('{"errorMessage":"x"}');
  assert.deepEqual(await broken.promise, { kind: 'error', errorType: 'Function.Broke', payload });
});

test('a streamed answer goes to who takes it in parts, and its poster waits while that one does', async () => {
  await using api = await openApi();
  const sink = new Reader();
  const answer = await api.begin('first', sink);
  const posting = postSlowly(api, 'first');
  posting.write('a');
  await sink.untilPart();
  assert.equal(sink.contentType, 'text/x-told');
  const closed = Promise.withResolvers<void>();
  sink.taken = closed.promise;
  posting.write('b');
  await sink.untilPart();
  // Far more than the sockets between them hold.
  const chunk = Buffer.alloc(1_048_576);
  let written = 0;
  while (written < 64 && posting.write(chunk)) written += 1;
  sink.taken = undefined;
  closed.resolve();
  posting.end();
  assert.deepEqual(await answer.promise, { kind: 'response', payload: new Uint8Array() });
  assert.equal(sink.bytes, 2 + (written + 1) * chunk.length);
});

test('an answer in parts fails with its trailers, with its error, or when it was cut off and no error came', async () => {
  await using api = await openApi();
  const broken = await api.begin('first', new Reader());
  await api.stream('/runtime/invocation/first/response', ['begun'], {
    'Lambda-Runtime-Function-Error-Type': 'Function.Broke',
    'Lambda-Runtime-Function-Error-Body': Buffer.from('{}').toString('base64'),
  });
  assert.deepEqual(await broken.promise, {
    kind: 'error',
    errorType: 'Function.Broke',
    payload: Buffer.from('{}'),
  });
  const cut = await cutOff(api, 'second');
  const again = await api.post('/runtime/invocation/second/response', 'whole');
  assert.equal(again.error[1], 'InvalidRequestID');
  await api.post('/runtime/invocation/second/error', '{}', {
    'Lambda-Runtime-Function-Error-Type': 'Function.Own',
  });
  assert.deepEqual(await cut.promise, {
    kind: 'error',
    errorType: 'Function.Own',
    payload: Buffer.from('{}'),
  });
  const silent = await cutOff(api, 'third');
  const next = api.get('/runtime/invocation/next').catch(() => {});
  const answer = await silent.promise;
  assert.ok(answer.kind === 'error' && answer.errorType === 'Runtime.TruncatedResponse');
  api.channel[Symbol.dispose]();
  await next;
});

test('an answer that is cut off does not count, and may be posted again', async () => {
  await using api = await openApi();
  const answer = await api.begin();
  const socket = connect(api.port, '127.0.0.1');
  socket.end(
    'POST /2018-06-01/runtime/invocation/first/response HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\ncut',
  );
  const refusal = await text(socket);
  assert.match(refusal, /^HTTP\/1\.1 400 .*TruncatedHTTPRequest/s);
  await api.post('/runtime/invocation/first/response', 'whole');
  assert.deepEqual(await answer.promise, { kind: 'response', payload: Buffer.from('whole') });
});

test('a runtime that hangs up while it waits gets the event when it asks again', async () => {
  await using api = await openApi();
  const first = request(api.url('/runtime/invocation/next'));
  first.on('error', () => {});
  first.end();
  await api.channel.ready;
  first.destroy();
  await api.untilHungUp();
  const answer = api.channel.invoke(EVENT);
  const next = await api.get('/runtime/invocation/next');
  assert.equal(next.body, '{"a":1}');
  await api.post('/runtime/invocation/first/response', '1');
  assert.equal((await answer).kind, 'response');
});

test('a connection that piles up calls behind a waiting one is closed', async () => {
  await using api = await openApi();
  const socket = connect(api.port, '127.0.0.1');
  socket.write('GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n');
  await api.channel.ready;
  socket.write('GET /2018-06-01/ping HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.equal(await text(socket), '');
  const answer = await api.begin();
  await api.post('/runtime/invocation/first/response', '1');
  assert.equal((await answer.promise).kind, 'response');
});

test('an init error fails the start with its document', async () => {
  await using api = await openApi();
  const document = '{"errorType":"Runtime.Nope","errorMessage":"no"}';
  const posted = await api.post('/runtime/init/error', document, {
    'Lambda-Runtime-Function-Error-Type': 'Runtime.Nope',
  });
  assert.equal(posted.status, 202);
  const failure = await api.channel.ready.catch((error: unknown) => error);
  assert.ok(failure instanceof InitFailure);
  assert.equal(failure.errorType, 'Runtime.Nope');
  assert.equal(Buffer.from(failure.payload).toString(), document);
  assert.equal((await api.get('/runtime/invocation/next')).error[1], 'InvalidStateTransition');
});

test('one init error is taken at a time', async () => {
  await using api = await openApi();
  const slow = request(api.url('/runtime/init/error'), { method: 'POST' });
  await new Promise(resolve => slow.write('{', resolve));
  await api.untilPosted();
  const second = await api.post('/runtime/init/error', '{}');
  assert.deepEqual(second.error, [
    403,
    'InvalidStateTransition',
    'Transition from InitError to InitError failed for runtime. Error: State transition is not allowed',
  ]);
  slow.end('}');
  const failure = await api.channel.ready.catch((error: unknown) => error);
  assert.ok(failure instanceof InitFailure);
  assert.equal(Buffer.from(failure.payload).toString(), '{}');
});

test('an init error that is cut off may be posted again', async () => {
  await using api = await openApi();
  const cut = request(api.url('/runtime/init/error'), { method: 'POST' });
  cut.on('error', () => {});
  await new Promise(resolve => cut.write('{', resolve));
  await api.untilPosted();
  cut.destroy();
  await api.untilHungUp();
  assert.equal((await api.post('/runtime/init/error', '{}')).status, 202);
});

test('what is not served says so', async () => {
  await using api = await openApi();
  assert.equal((await api.get('/ping')).body, 'pong');
  assert.deepEqual((await api.get('/runtime/restore/next')).error.slice(0, 2), [
    403,
    'InvalidStateTransition',
  ]);
  assert.deepEqual((await api.post('/runtime/restore/error', '{}')).error.slice(0, 2), [
    403,
    'InvalidStateTransition',
  ]);
  assert.deepEqual((await api.get('/nothing')).error.slice(0, 2), [404, 'NotFound']);
  const register = await api.post('/../2020-01-01/extension/register', '{}');
  assert.deepEqual(register.error.slice(0, 2), [501, 'Extension.NotSupported']);
});

test('disposing ends every wait and every connection', async () => {
  await using api = await openApi();
  const answer = await api.begin();
  const rested = api.channel.rested();
  api.channel[Symbol.dispose]();
  await assert.rejects(answer.promise, ChannelEnded);
  await assert.rejects(rested, ChannelEnded);
  await assert.rejects(api.channel.invoke(EVENT), ChannelEnded);
  api.channel[Symbol.dispose]();
  await assert.rejects(api.get('/ping'));
});

class Reader implements ResponseSink {
  contentType: string | undefined;
  bytes = 0;
  /** What it makes the poster wait for. */
  taken: Promise<void> | undefined;
  #part = Promise.withResolvers<void>();

  begin(contentType: string): void {
    this.contentType = contentType;
  }

  part(bytes: Uint8Array): Promise<void> | undefined {
    this.bytes += bytes.length;
    this.#part.resolve();
    return this.taken;
  }

  /** Resolves with the next part, or with one that came since this was asked last. */
  async untilPart(): Promise<void> {
    await this.#part.promise;
    this.#part = Promise.withResolvers();
  }
}

function postSlowly(api: Api, requestId: string): ClientRequest {
  return request(api.url(`/runtime/invocation/${requestId}/response`), {
    method: 'POST',
    headers: { 'Lambda-Runtime-Function-Response-Mode': 'streaming', 'Content-Type': 'text/x-told' },
  }).on('error', () => {});
}

/** Begins an invocation of which only the beginning of the answer is posted. */
async function cutOff(api: Api, requestId: string): ReturnType<Api['begin']> {
  const sink = new Reader();
  const answer = await api.begin(requestId, sink);
  const posting = postSlowly(api, requestId);
  posting.write('begun');
  await sink.untilPart();
  posting.destroy();
  await api.untilHungUp();
  return answer;
}

interface Reply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
  /** Status, type and message of an error. */
  readonly error: readonly [number, string, string];
}

interface Api extends AsyncDisposable {
  readonly channel: RuntimeChannel;
  readonly port: number;
  url(path: string): string;
  get(path: string): Promise<Reply>;
  post(path: string, body: string, headers?: Record<string, string>): Promise<Reply>;
  stream(path: string, chunks: readonly string[], trailers: Record<string, string>): Promise<Reply>;
  /** Begins an invocation; the promise is wrapped, as awaiting this must not await the answer. */
  begin(
    requestId?: string,
    sink?: ResponseSink,
  ): Promise<{ readonly promise: ReturnType<RuntimeChannel['invoke']> }>;
  /** Resolves when a request that is under way has reached the server. */
  untilPosted(): Promise<void>;
  untilHungUp(): Promise<void>;
}

interface ApiOptions {
  readonly snapStart?: boolean;
  readonly limits?: Partial<ResponseLimits>;
}

async function openApi({ snapStart = false, limits = {} }: ApiOptions = {}): Promise<Api> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const channel = openHttpChannel({
    server,
    random: new SeededRandom(7),
    limits: { ...AWS_QUOTAS, ...limits },
    snapStart,
  });
  const url = (path: string) => `http://127.0.0.1:${port}/2018-06-01${path}`;
  const connections = () =>
    new Promise<number>((resolve, reject) =>
      server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  const api: Api = {
    channel,
    port,
    url,
    get: path => reply(url(path), { method: 'GET' }),
    post: (path, body, headers = {}) => reply(url(path), { method: 'POST', headers, body }),
    stream: (path, chunks, trailers) => reply(url(path), { method: 'POST', chunks, trailers }),
    async begin(requestId = 'first', sink) {
      const next = api.get('/runtime/invocation/next');
      await channel.ready;
      await channel.rested();
      const promise = channel.invoke({ ...EVENT, requestId }, sink);
      promise.catch(() => {});
      await next;
      return { promise };
    },
    // The server answers in order of arrival: what was sent before this was read before this.
    untilPosted: async () => void (await api.get('/ping')),
    async untilHungUp() {
      while ((await connections()) > 0) await new Promise(resolve => setImmediate(resolve));
    },
    async [Symbol.asyncDispose]() {
      channel[Symbol.dispose]();
      if (server.listening) await once(server, 'close');
    },
  };
  return api;
}

interface Sent {
  readonly method: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly chunks?: readonly string[];
  readonly trailers?: Record<string, string>;
}

async function reply(url: string, sent: Sent): Promise<Reply> {
  const { method, headers = {}, body, chunks = [], trailers } = sent;
  const streaming = trailers && {
    'Lambda-Runtime-Function-Response-Mode': 'streaming',
    'Transfer-Encoding': 'chunked',
    Trailer: 'Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body',
  };
  // No shared agent: each request has a connection of its own. The path goes out as it is, unnormalised.
  const { hostname, port } = new URL(url);
  const path = url.slice(url.indexOf('/', 'http://'.length)).replace('/2018-06-01/..', '');
  const call = request({ hostname, port, path, method, agent: false, headers: { ...headers, ...streaming } });
  for (const chunk of chunks) call.write(chunk);
  if (trailers) call.addTrailers(trailers);
  call.end(body);
  const [response] = await once(call, 'response');
  const answered = await text(response);
  let error: Partial<{ errorType: string; errorMessage: string }> = {};
  try {
    error = JSON.parse(answered);
  } catch {
    // An event or a pong, not an error.
  }
  const { errorType = '', errorMessage = '' } = error ?? {};
  return {
    status: response.statusCode,
    headers: response.headers,
    body: answered,
    error: [response.statusCode, errorType, errorMessage],
  };
}
