import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Server } from 'node:net';
import { describe, test } from 'node:test';
import { AWS_QUOTAS } from '@lambent/core';
import type { ResponseLimits } from './runtime-channel.ts';
import { ChannelEnded, InitFailure } from './runtime-channel.ts';
import {
  bodyOf,
  errorOf,
  fixture,
  nodeCommand,
  nodesHere,
  REQUEST_ID,
  type SpawnedRuntime,
  spawnRuntime,
} from './spawned-runtime.ts';

for (const { title, node, hasCallbacks } of nodesHere()) {
  const start = (
    code: string,
    handler: string,
    environment: Record<string, string> = {},
    limits: ResponseLimits = AWS_QUOTAS,
  ): SpawnedRuntime =>
    spawnRuntime({ command: nodeCommand(node), code: fixture(`node/${code}`), handler, environment, limits });

  describe(title, { concurrency: 2 }, () => {
    test('the context says what Lambda says', async () => {
      await using runtime = start('answers', 'index.context');
      const { keys, remaining, ...context } = JSON.parse(bodyOf(await runtime.invoke({})));
      assert.equal(remaining, true);
      const methods = ['callbackWaitsForEmptyEventLoop', 'succeed', 'fail', 'done'];
      for (const method of methods) assert.equal(keys.includes(method), hasCallbacks, method);
      assert.deepEqual(context, {
        ...(hasCallbacks && { callbackWaitsForEmptyEventLoop: true }),
        functionName: 'tried',
        functionVersion: '$LATEST',
        memoryLimitInMB: '128',
        logGroupName: '/aws/lambda/tried',
        logStreamName: '2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef',
        invokedFunctionArn: 'arn:aws:lambda:us-east-1:123456789012:function:tried',
        awsRequestId: REQUEST_ID,
      });
    });

    test('the trace header of each invocation is in the environment', async () => {
      await using runtime = start('answers', 'index.trace');
      assert.equal(bodyOf(await runtime.invoke({}, { traceHeader: 'Root=1-1' })), '"Root=1-1"');
      assert.equal(bodyOf(await runtime.invoke({}, { requestId: 'second' })), '"none"');
    });

    test('an answer at the quota is kept, one byte more is only counted', async () => {
      await using largest = start('answers', 'index.largest');
      assert.equal(bodyOf(await largest.invoke({})).length, 6_291_556);
      await using oversize = start('answers', 'index.oversize');
      assert.deepEqual(await oversize.invoke({}), { kind: 'too-large', bytes: 6_291_557, max: 6_291_556 });
      await using stream = start('streams', 'index.oversize');
      assert.deepEqual(await stream.invoke({}), { kind: 'too-large', bytes: 7 * 1_048_576, max: 6_291_556 });
    });

    test('a quota that was raised is what counts', async () => {
      const limits = { ...AWS_QUOTAS, responseBytes: 7 * 1_048_576 };
      await using whole = start('answers', 'index.oversize', {}, limits);
      assert.equal(bodyOf(await whole.invoke({})).length, 6_291_557);
      await using stream = start('streams', 'index.oversize', {}, limits);
      assert.equal(bodyOf(await stream.invoke({})).length, 7 * 1_048_576);
    });

    test('events of every size arrive whole, one after another', async () => {
      await using runtime = start('answers', 'index.length');
      for (const length of [0, 1, 65_000, 65_536, 1_000_000, 6_000_000, 3])
        assert.equal(
          bodyOf(await runtime.invoke('x'.repeat(length), { requestId: `of-${length}` })),
          `${length}`,
        );
    });

    test('a process that exits while it is invoked gives no answer', async () => {
      await using runtime = start('ends', 'index.exits');
      await assert.rejects(runtime.invoke({}), ChannelEnded);
      assert.deepEqual(await runtime.exited, { status: 7, signal: null });
    });

    test('an exception that nobody caught is the answer, and the end', async () => {
      await using runtime = start('ends', 'index.uncaught');
      const document = errorOf(await runtime.invoke({}));
      assert.equal(document['errorType'], 'TypeError');
      assert.equal((await runtime.exited).status, 129);
      assert.match(runtime.records.at(-1) ?? '', /\tERROR\tUncaught Exception \t\{"errorType":"TypeError"/);
      await assert.rejects(runtime.channel.rested(), ChannelEnded);
    });

    test('a rejection that nobody handled is the end', async () => {
      await using runtime = start('ends', 'index.unhandled');
      const answer = await runtime.invoke({});
      if (hasCallbacks) assert.equal(bodyOf(answer), '"answered too early"');
      else assert.equal(errorOf(answer)['errorType'], 'Runtime.UnhandledPromiseRejection');
      assert.equal((await runtime.exited).status, 128);
      assert.match(
        runtime.records.at(-1) ?? '',
        /\tERROR\tUnhandled Promise Rejection \t\{"errorType":"Runtime.UnhandledPromiseRejection","errorMessage":"Error: nobody handled me"/,
      );
    });

    for (const code of ['throws-while-loading', 'rejects-while-loading'])
      test(`a module that ${code.replaceAll('-', ' ')} fails the init`, async () => {
        await using runtime = start(code, 'index.handler');
        const failure = await runtime.channel.ready.catch((error: unknown) => error);
        assert.ok(failure instanceof InitFailure, String(failure));
        await runtime.exited;
        assert.match(runtime.records.at(-1) ?? '', hasCallbacks ? /\tundefined\tERROR\t/ : /\t-\tERROR\t/);
      });

    test('a promise that never settles', async () => {
      await using runtime = start('ends', 'index.neverSettles');
      if (hasCallbacks) return assert.equal(bodyOf(await runtime.invoke({})), 'null');
      await assert.rejects(runtime.invoke({}), ChannelEnded);
      assert.deepEqual(await runtime.exited, { status: 0, signal: null });
    });

    test('a process may end between two invocations', async () => {
      await using runtime = start('ends', 'index.afterwards');
      assert.equal(bodyOf(await runtime.invoke('first')), '"first"');
      assert.equal((await runtime.exited).status, 5);
      await assert.rejects(runtime.invoke('second'), ChannelEnded);
    });

    test('a function that writes nonsense to its channel ends only itself', async () => {
      await using runtime = start('ends', 'index.breaksFrames');
      await assert.rejects(runtime.invoke({}), ChannelEnded);
    });

    test('only the first answer to an invocation counts', async () => {
      await using runtime = start('ends', 'index.answersTwice');
      assert.equal(bodyOf(await runtime.invoke({})), '"forged"');
      await runtime.channel.rested();
      assert.equal(bodyOf(await runtime.invoke({}, { requestId: 'second' })), '"forged"');
    });

    test('a child process inherits neither the channel nor the doorways, and prints to the pipes', async () => {
      await using runtime = start('answers', 'index.spawned');
      const descriptors = JSON.parse(bodyOf(await runtime.invoke({})))
        .trim()
        .split('\n');
      assert.ok(!descriptors.includes('4'), 'what ls reads from is the third');
      runtime.child.kill();
      await runtime.exited;
      assert.equal(runtime.printed.stderr, 'from-child\n');
    });

    test('an exec wrapper is refused, not ignored', async () => {
      await using runtime = start('answers', 'index.echo', { AWS_LAMBDA_EXEC_WRAPPER: '/opt/wrapper' });
      await assert.rejects(runtime.channel.ready, { errorType: 'Runtime.ExecWrapperUnsupported' });
    });

    test('doorways are listened on inside and handed out before the function is loaded', async () => {
      await using runtime = start('answers', 'index.echo', {
        LAMBENT_DOORWAYS: 'runtime-api:0,aws-endpoint:0',
      });
      const handed = new Map<string, Server>();
      runtime.child.on('message', (name, server) => handed.set(String(name), server as Server));
      await once(runtime.child, 'disconnect');
      assert.deepEqual([...handed.keys()], ['runtime-api', 'aws-endpoint']);
      assert.equal(bodyOf(await runtime.invoke(1)), '1');
      for (const server of handed.values()) {
        const accepted = once(server, 'connection');
        const client = connect((server.address() as { port: number }).port, '127.0.0.1');
        const [socket] = await accepted;
        socket.destroy();
        client.destroy();
        server.close();
      }
    });
  });
}

describe('callbacks, up to Node.js 22', { concurrency: 2 }, () => {
  const older = nodesHere().find(found => found.hasCallbacks);
  const answers: readonly [handler: string, body: string][] = [
    ['callback', '{"a":1}'],
    ['twice', '"first"'],
    ['waits', '"after"'],
    ['waitsNot', '"at once"'],
    ['succeed', '{"a":1}'],
    ['done', '{"a":1}'],
    ['nothing', 'null'],
    ['neverSettles', 'null'],
  ];
  for (const [handler, body] of answers)
    test(`${handler} answers ${body}`, { skip: !older }, async () => {
      await using runtime = startCallbacks(older?.node, handler);
      assert.equal(bodyOf(await runtime.invoke({ a: 1 })), body);
      assert.equal(bodyOf(await runtime.invoke({ a: 1 }, { requestId: 'second' })), body);
    });
  const errors: readonly [handler: string, type: string, message: string][] = [
    ['callbackError', 'TypeError', 'told'],
    ['callbackText', 'string', 'just text'],
    ['fail', 'RangeError', 'out'],
    ['failEmpty', 'string', 'handled'],
  ];
  for (const [handler, type, message] of errors)
    test(`${handler} fails with ${type}`, { skip: !older }, async () => {
      await using runtime = startCallbacks(older?.node, handler);
      const document = errorOf(await runtime.invoke({}));
      assert.deepEqual([document['errorType'], document['errorMessage']], [type, message]);
    });

  test('Node.js 24 refuses a handler that takes a callback', async () => {
    await using runtime = startCallbacks(process.execPath, 'callback');
    const failure = await runtime.channel.ready.catch((error: unknown) => error);
    assert.ok(failure instanceof InitFailure);
    assert.equal(failure.errorType, 'Runtime.CallbackHandlerDeprecated');
    assert.match(
      Buffer.from(failure.payload).toString(),
      /has removed support for callback-based function handlers/,
    );
  });
});

function startCallbacks(node: string | undefined, handler: string): SpawnedRuntime {
  return spawnRuntime({
    command: nodeCommand(node),
    code: fixture('node/callbacks'),
    handler: `index.${handler}`,
  });
}
