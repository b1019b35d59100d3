import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Server } from 'node:net';
import { describe, test } from 'node:test';
import { AWS_QUOTAS } from '@lambent/core';
import type { ResponseLimits } from './runtime-channel.ts';
import { ChannelEnded, InitFailure, RestoreFailure } from './runtime-channel.ts';
import {
  bodyOf,
  errorOf,
  fixture,
  pythonCommand,
  pythonsHere,
  REQUEST_ID,
  type SpawnedRuntime,
  spawnRuntime,
} from './spawned-runtime.ts';

const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/;

for (const { title, python, identifier } of await pythonsHere()) {
  const start = (
    code: string,
    handler: string,
    environment: Record<string, string> = {},
    limits: ResponseLimits = AWS_QUOTAS,
  ): SpawnedRuntime =>
    spawnRuntime({
      limits,
      command: pythonCommand(python),
      code: fixture(`python/${code}`),
      handler,
      environment: { AWS_EXECUTION_ENV: `AWS_Lambda_${identifier}`, ...environment },
    });
  const escapes = /python3\.(9|10|11)$/.test(identifier);

  describe(title, { concurrency: 2 }, () => {
    const answers: readonly [behaviour: string, handler: string, event: unknown, body: string][] = [
      ['an event comes back as it was', 'echo', { a: [1, 'a', null] }, '{"a": [1, "a", null]}'],
      ['no result is null', 'none', {}, 'null'],
      ['text beyond ASCII', 'text', {}, escapes ? '"gr\\u00fc\\u00df dich"' : '"grüß dich"'],
      ['bytes are answered as they are', 'raw', {}, '\0raw'],
      ['bytes inside a result are text', 'nested_bytes', {}, '{"in": "text"}'],
      ['decimals keep their digits', 'decimals', {}, '[1.10, NaN, {"n": 7}]'],
      ['what is not a number', 'not_a_number', {}, 'NaN'],
      ['keys become text', 'keys', {}, '{"1": "bool", "null": "none"}'],
      ['tuples are arrays', 'tuples', {}, '[1, [2]]'],
      ['without a trace header there is no variable', 'trace', {}, 'null'],
      ['nothing of the doorways is left', 'environment', {}, '[]'],
    ];
    for (const [behaviour, handler, event, body] of answers)
      test(behaviour, async () => {
        await using runtime = start('answers', `index.${handler}`);
        assert.equal(bodyOf(await runtime.invoke(event)), body);
      });

    test('a handler is found below a directory, and in a package', async () => {
      for (const [handler, name] of [
        ['directory/module.handler', 'directory.module'],
        ['package.inner.module.handler', 'package.inner.module'],
        ['package.handler', 'package.inner.module'],
      ] as const) {
        await using runtime = start('below', handler);
        assert.equal(bodyOf(await runtime.invoke({})), `"${name}"`);
      }
    });

    test('the context says what Lambda says', async () => {
      await using runtime = start('answers', 'index.describe_context');
      const context = JSON.parse(bodyOf(await runtime.invoke({})));
      assert.deepEqual(context, {
        remaining: true,
        text: `LambdaContext([aws_request_id=${REQUEST_ID},log_group_name=/aws/lambda/tried,log_stream_name=2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef,function_name=tried,memory_limit_in_mb=128,function_version=$LATEST,invoked_function_arn=arn:aws:lambda:us-east-1:123456789012:function:tried,client_context=None,identity=CognitoIdentity([cognito_identity_id=None,cognito_identity_pool_id=None]),tenant_id=None])`,
        memory: '128',
        custom: null,
        title: null,
        identity: null,
      });
      const clientContext = '{"custom":{"a":1},"client":{"app_title":"t"}}';
      const told = JSON.parse(bodyOf(await runtime.invoke({}, { requestId: 'second', clientContext })));
      assert.deepEqual([told.custom, told.title], [{ a: 1 }, 't']);
    });

    test('the trace header of each invocation is in the environment', async () => {
      await using runtime = start('answers', 'index.trace');
      assert.equal(bodyOf(await runtime.invoke({}, { traceHeader: 'Root=1-1' })), '"Root=1-1"');
      assert.equal(bodyOf(await runtime.invoke({}, { requestId: 'second' })), 'null');
    });

    test('events of every size arrive whole, and too large an answer is only counted', async () => {
      await using runtime = start('answers', 'index.length');
      for (const length of [0, 65_536, 6_000_000, 3])
        assert.equal(
          bodyOf(await runtime.invoke('x'.repeat(length), { requestId: `${length}` })),
          `${length}`,
        );
      await using oversize = start('answers', 'index.oversize');
      assert.deepEqual(await oversize.invoke({}), { kind: 'too-large', bytes: 6_291_557, max: 6_291_556 });
      await using raised = start(
        'answers',
        'index.oversize',
        {},
        { ...AWS_QUOTAS, responseBytes: 6_291_557 },
      );
      assert.equal(bodyOf(await raised.invoke({})).length, 6_291_557);
    });

    test('what is raised is posted, with the frames of the function only', async () => {
      await using runtime = start('errors', 'index.raises');
      assert.deepEqual(errorOf(await runtime.invoke({})), {
        errorMessage: 'none left',
        errorType: 'OutOfStock',
        requestId: REQUEST_ID,
        stackTrace: [
          `  File "${fixture('python/errors')}/index.py", line 9, in raises\n    raise OutOfStock("none left")\n`,
        ],
      });
      assert.deepEqual(runtime.records, [
        `[ERROR] OutOfStock: none left\nTraceback (most recent call last):\n\u00a0\u00a0File "${fixture('python/errors')}/index.py", line 9, in raises\n\u00a0\u00a0\u00a0\u00a0raise OutOfStock("none left")`,
      ]);
      await using deeper = start('errors', 'index.deeper');
      assert.equal((errorOf(await deeper.invoke({}))['stackTrace'] as string[]).length, 2);
      await using bare = start('errors', 'index.without_message');
      assert.equal(errorOf(await bare.invoke({}))['errorMessage'], '');
    });

    const unmarshalable: readonly [handler: string, message: string][] = [
      ['a_set', 'Object of type set is not JSON serializable'],
      ['circular', 'Circular reference detected'],
      ['coroutine', 'Object of type coroutine is not JSON serializable'],
    ];
    for (const [handler, message] of unmarshalable)
      test(`${handler} is no JSON`, async () => {
        await using runtime = start('answers', `index.${handler}`);
        const document = errorOf(await runtime.invoke({}));
        assert.equal(document['errorType'], 'Runtime.MarshalError');
        assert.match(String(document['errorMessage']), new RegExp(`^Unable to marshal response: ${message}`));
        assert.deepEqual(document['stackTrace'], []);
      });

    const failedInits: readonly [
      behaviour: string,
      code: string,
      handler: string,
      type: string,
      message: RegExp,
    ][] = [
      [
        'a handler without a dot',
        'answers',
        'index',
        'Runtime.MalformedHandlerName',
        /^Bad handler 'index': not enough values to unpack \(expected 2, got 1\)$/,
      ],
      [
        'a handler that is not there',
        'answers',
        'index.nope',
        'Runtime.HandlerNotFound',
        /^Handler 'nope' missing on module 'index'$/,
      ],
      [
        'a module that is not there',
        'answers',
        'other.handler',
        'Runtime.ImportModuleError',
        /^Unable to import module 'other': No module named 'other'$/,
      ],
      [
        'a module that imports what is not there',
        'missing-import',
        'index.handler',
        'Runtime.ImportModuleError',
        /^Unable to import module 'index': No module named 'not_there_at_all'$/,
      ],
      [
        'a module with a syntax error',
        'syntax-error',
        'index.handler',
        'Runtime.UserCodeSyntaxError',
        /^Syntax error in module 'index': .*\(index\.py, line 1\)$/,
      ],
      [
        'a built-in module',
        'answers',
        'sys.handler',
        'Runtime.BuiltInModuleConflict',
        /^Cannot use built-in module sys as a handler module$/,
      ],
      ['a module that raises', 'raises-while-loading', 'index.handler', 'Runtime.Unknown', /^while loading$/],
    ];
    for (const [behaviour, code, handler, type, message] of failedInits)
      test(`${behaviour} fails the init`, async () => {
        await using runtime = start(code, handler);
        const failure = await runtime.channel.ready.catch((error: unknown) => error);
        assert.ok(failure instanceof InitFailure, String(failure));
        assert.equal(failure.errorType, type);
        const document = JSON.parse(Buffer.from(failure.payload).toString());
        assert.match(document.errorMessage, message);
        assert.equal(document.requestId, '');
        assert.equal((await runtime.exited).status, 1);
      });

    test('an exit is an exit, while loading and while invoked', async () => {
      await using loading = start('exits-while-loading', 'index.handler');
      await assert.rejects(loading.channel.ready, ChannelEnded);
      assert.equal((await loading.exited).status, 3);
      await using invoked = start('errors', 'index.exits');
      await assert.rejects(invoked.invoke({}), ChannelEnded);
      assert.equal((await invoked.exited).status, 7);
      assert.deepEqual(invoked.records, ['last words']);
    });

    test('a child process does not inherit the channel, a fork prints to the pipes', async () => {
      await using spawned = start('answers', 'index.spawned');
      const descriptors = JSON.parse(bodyOf(await spawned.invoke({})))
        .trim()
        .split('\n');
      assert.ok(!descriptors.includes('4'));
      await using forked = start('answers', 'index.forked');
      assert.equal(bodyOf(await forked.invoke({})), '"parent"');
      assert.deepEqual(forked.records, ['from the parent']);
      forked.child.kill();
      await forked.exited;
      assert.equal(forked.printed.stdout, 'from the fork\n');
    });

    test('doorways are listened on inside and handed out before the function is loaded', async () => {
      await using runtime = start('answers', 'index.echo', {
        LAMBENT_DOORWAYS: 'runtime-api:0,aws-endpoint:0',
      });
      const handed = new Map<string, Server>();
      runtime.child.on('message', (name, server) => handed.set(String(name), server as Server));
      await once(runtime.child, 'disconnect');
      assert.deepEqual([...handed.keys()], ['runtime-api', 'aws-endpoint']);
      for (const server of handed.values()) server.close();
      assert.equal(bodyOf(await runtime.invoke(1)), '1');
    });

    describe('with SnapStart', () => {
      const startHeld = (handler: string) =>
        spawnRuntime({
          command: pythonCommand(python),
          code: fixture('python/snapstart'),
          handler,
          snapStart: true,
        });

      test('hooks run around the wait: those before it backwards, those after it in their order', async () => {
        await using runtime = startHeld('index.handler');
        await runtime.channel.ready;
        assert.deepEqual(runtime.records, []);
        await runtime.channel.restore();
        assert.deepEqual(runtime.records, ['restored']);
        assert.deepEqual(JSON.parse(bodyOf(await runtime.invoke({}))), [
          'init',
          'before: second',
          'before: first',
          'after: first',
          'after: second',
          'snap-start',
        ]);
      });

      test('a function without hooks waits as well', async () => {
        await using runtime = spawnRuntime({
          command: pythonCommand(python),
          code: fixture('python/answers'),
          handler: 'index.echo',
          snapStart: true,
        });
        await runtime.channel.ready;
        await runtime.channel.restore();
        assert.equal(bodyOf(await runtime.invoke(1)), '1');
      });

      test('a hook before the wait that raises fails the init', async () => {
        await using runtime = startHeld('before.handler');
        await assert.rejects(runtime.channel.ready, (error: InitFailure) => {
          assert.equal(error.errorType, 'Runtime.BeforeSnapshotError');
          const { errorType, errorMessage } = JSON.parse(Buffer.from(error.payload).toString());
          assert.deepEqual([errorType, errorMessage], ['ValueError', 'not now']);
          return true;
        });
        assert.deepEqual((await runtime.exited).status, 64);
      });

      test('one after it that raises fails the restore', async () => {
        await using runtime = startHeld('after.handler');
        await runtime.channel.ready;
        await assert.rejects(runtime.channel.restore(), (error: Error) => {
          assert.ok(error instanceof RestoreFailure);
          assert.equal(JSON.parse(Buffer.from(error.payload).toString()).errorMessage, 'not now');
          return true;
        });
        assert.deepEqual((await runtime.exited).status, 65);
      });

      test('hooks of functions without SnapStart are never called', async () => {
        await using runtime = start('snapstart', 'index.handler');
        assert.deepEqual(JSON.parse(bodyOf(await runtime.invoke({}))), ['init', 'on-demand']);
      });
    });

    describe('logs', () => {
      const invokeAndRead = async (runtime: SpawnedRuntime): Promise<string[]> => {
        await runtime.invoke({});
        return runtime.records.slice(1).map(record => record.replace(TIME, 'TIME').replace(REQUEST_ID, 'ID'));
      };

      test('logging gives level, time and request id, from warnings on', async () => {
        await using runtime = start('logs', 'index.levels');
        assert.deepEqual(await invokeAndRead(runtime), [
          '[WARNING]\tTIME\tID\tw arg',
          '[ERROR]\tTIME\tID\te',
          '[CRITICAL]\tTIME\tID\tc',
        ]);
        assert.equal(runtime.records[0], 'while loading');
        await using debug = start('logs', 'index.levels', { AWS_LAMBDA_LOG_LEVEL: 'TRACE' });
        assert.equal((await invokeAndRead(debug)).length, 5);
      });

      test('a record of several lines stays whole, printed lines are records of their own', async () => {
        await using whole = start('logs', 'index.multiline');
        assert.deepEqual(await invokeAndRead(whole), ['[WARNING]\tTIME\tID\tfirst\nsecond']);
        await using raw = start('logs', 'index.raw');
        assert.deepEqual(await invokeAndRead(raw), [
          'one two',
          '[WARNING]\tTIME\tID\tbetween',
          'unfinished line',
          'err',
          'bytes',
          'by context',
        ]);
      });

      test('a record over the bound is cut between characters', async () => {
        await using runtime = start('logs', 'index.long');
        const records = await invokeAndRead(runtime);
        assert.ok(records.length > 1);
        assert.equal(records.join(''), 'ü'.repeat(200_000));
      });

      test('threads may print at once', async () => {
        await using runtime = start('logs', 'index.threads');
        assert.deepEqual(await invokeAndRead(runtime), Array(800).fill('x'.repeat(10)));
      });

      test('what the process itself writes goes to its pipes', async () => {
        await using runtime = start('logs', 'index.pipes');
        assert.deepEqual(await invokeAndRead(runtime), []);
        runtime.child.kill();
        await runtime.exited;
        assert.deepEqual(runtime.printed, { stdout: 'native out\n', stderr: 'native err\n' });
      });

      test('JSON has the fields that AWS has', async () => {
        const json = { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: 'ERROR' };
        await using runtime = start('logs', 'index.levels', json);
        const records = (await invokeAndRead(runtime)).map(record => JSON.parse(record));
        assert.deepEqual(records, [
          { timestamp: 'TIME', level: 'ERROR', message: 'e', logger: 'mine', requestId: 'ID' },
          { timestamp: 'TIME', level: 'CRITICAL', message: 'c', logger: 'mine', requestId: 'ID', order: 7 },
        ]);
        await using broken = start('logs', 'index.exception', json);
        const [record] = (await invokeAndRead(broken)).map(text => JSON.parse(text));
        assert.equal(record.errorType, 'ValueError');
        assert.equal(record.errorMessage, 'why');
        assert.match(record.location, /index\.py:exception:\d+$/);
        await using structured = start('logs', 'index.structured', { AWS_LAMBDA_LOG_FORMAT: 'JSON' });
        assert.deepEqual(JSON.parse((await invokeAndRead(structured))[0] ?? '').message, { order: 7 });
      });
    });
  });
}
