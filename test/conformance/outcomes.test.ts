/** What a function's run can end in, as a table: the code, what the caller gets, and what the log says. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { LambdaClient, Runtime } from '@aws-sdk/client-lambda';
import type { Files } from '@lambent/testing';
import { type Answer, deploy } from '../deployed-function.ts';
import { pythonRuntime } from '../python-runtime.ts';
import { openTarget, type Target } from './target.ts';

interface Case {
  readonly behaviour: string;
  readonly runtime?: Runtime;
  readonly handler?: string;
  readonly files: Files;
  readonly timeoutSeconds?: number;
  /** The payload, exactly, or what is said of it. */
  readonly payload: unknown | ((payload: Record<string, unknown>, answer: Answer) => void);
  readonly failed: boolean;
  /** What the tail of the log has, besides START, END and REPORT. */
  readonly log?: RegExp;
}

const python = pythonRuntime();
const node = (body: string, top = ''): Files => ({
  'index.mjs': `${top}\nexport const handler = async (event, context) => { ${body} };`,
});
const app = (text: string): Files => ({ 'index.py': text });

const RESULTS: readonly Case[] = [
  {
    behaviour: 'a result of Node.js',
    files: node('return { a: [1, "ü"] };'),
    payload: { a: [1, 'ü'] },
    failed: false,
  },
  { behaviour: 'no result of Node.js', files: node(''), payload: null, failed: false },
  {
    behaviour: 'a result of Python',
    runtime: python,
    files: app('def handler(event, context):\n    return {"a": [1, "ü"]}'),
    payload: { a: [1, 'ü'] },
    failed: false,
  },
  {
    behaviour: 'no result of Python',
    runtime: python,
    files: app('def handler(event, context):\n    pass'),
    payload: null,
    failed: false,
  },
];

const ERRORS: readonly Case[] = [
  {
    behaviour: 'an error thrown in Node.js',
    files: node('throw new TypeError("no such colour");'),
    failed: true,
    payload: ({ errorType, errorMessage, trace }: Record<string, unknown>) => {
      assert.deepEqual(
        { errorType, errorMessage },
        { errorType: 'TypeError', errorMessage: 'no such colour' },
      );
      assert.ok(Array.isArray(trace));
      assert.equal(trace[0], 'TypeError: no such colour');
      assert.match(trace[1], /^ {4}at /);
    },
    log: /ERROR.*Invoke Error.*no such colour/,
  },
  {
    behaviour: 'an error raised in Python',
    runtime: python,
    files: app('def handler(event, context):\n    raise ValueError("no such colour")'),
    failed: true,
    payload: (payload: Record<string, unknown>, { requestId }: Answer) => {
      const { stackTrace, ...rest } = payload;
      assert.deepEqual(rest, { errorType: 'ValueError', errorMessage: 'no such colour', requestId });
      assert.ok(Array.isArray(stackTrace));
      assert.match(stackTrace[0], /^ {2}File "\/var\/task\/index\.py", line 2, in handler\n/);
    },
    log: /\[ERROR\] ValueError: no such colour/,
  },
  {
    behaviour: 'a result that JSON cannot hold, in Node.js',
    files: node('const loop = {}; loop.loop = loop; return loop;'),
    failed: true,
    payload: ({ errorMessage }: Record<string, unknown>) =>
      assert.equal(errorMessage, 'Unable to stringify response body'),
  },
  {
    behaviour: 'a result that JSON cannot hold, in Python',
    runtime: python,
    files: app('def handler(event, context):\n    return {1, 2}'),
    failed: true,
    payload: ({ errorType, errorMessage }: Record<string, unknown>) => {
      assert.equal(errorType, 'Runtime.MarshalError');
      assert.match(
        String(errorMessage),
        /^Unable to marshal response: Object of type set is not JSON serializable/,
      );
    },
  },
  {
    behaviour: 'a result over the limit',
    files: node('return "x".repeat(6_291_557);'),
    failed: true,
    payload: {
      errorType: 'Function.ResponseSizeTooLarge',
      errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    },
  },
];

const ENDS: readonly Case[] = [
  {
    behaviour: 'a timeout',
    files: node('await new Promise(() => { setInterval(() => {}, 1000); });'),
    timeoutSeconds: 1,
    failed: true,
    payload: (payload: Record<string, unknown>, { requestId }: Answer) =>
      assert.deepEqual(payload, {
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
      }),
    log: /Task timed out after 1\.00 seconds[\s\S]*^REPORT .*Status: timeout/m,
  },
  {
    behaviour: 'a timeout of a function that never gives the processor back',
    files: node('for (;;) {}'),
    timeoutSeconds: 1,
    failed: true,
    payload: ({ errorType }: Record<string, unknown>) => assert.equal(errorType, 'Sandbox.Timedout'),
  },
  {
    behaviour: 'more memory than the function has',
    files: node('const held = []; for (;;) held.push(Buffer.alloc(8 << 20, 1));'),
    timeoutSeconds: 20,
    failed: true,
    payload: (payload: Record<string, unknown>, { requestId }: Answer) =>
      assert.deepEqual(payload, {
        errorType: 'Runtime.OutOfMemory',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
      }),
    log: /^REPORT .*Status: error\tError Type: Runtime\.OutOfMemory/m,
  },
  {
    behaviour: 'an exit with status 0 in the middle',
    files: node('process.exit(0);'),
    failed: true,
    payload: (payload: Record<string, unknown>, { requestId }: Answer) =>
      assert.deepEqual(payload, {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited without providing a reason`,
      }),
    log: /^REPORT .*Status: error\tError Type: Runtime\.ExitError/m,
  },
  {
    behaviour: 'an exit with status 7 in the middle',
    runtime: python,
    files: app('import os\ndef handler(event, context):\n    os._exit(7)'),
    failed: true,
    payload: (payload: Record<string, unknown>, { requestId }: Answer) =>
      assert.deepEqual(payload, {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 7`,
      }),
  },
  {
    behaviour: 'a signal to itself',
    files: node('process.kill(process.pid, "SIGKILL"); await new Promise(() => {});'),
    failed: true,
    payload: (payload: Record<string, unknown>, { requestId }: Answer) =>
      assert.deepEqual(payload, {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`,
      }),
  },
];

const INITS: readonly Case[] = [
  {
    behaviour: 'a callback, which Node.js 24 has no more',
    files: { 'index.cjs': 'exports.handler = (event, context, done) => done(null, "called back");' },
    failed: true,
    payload: ({ errorType }: Record<string, unknown>) =>
      assert.equal(errorType, 'Runtime.CallbackHandlerDeprecated'),
  },
  {
    behaviour: 'an error while Node.js loads the code',
    files: node('return 1;', 'throw new RangeError("at load");'),
    failed: true,
    payload: ({ errorType, errorMessage }: Record<string, unknown>) =>
      assert.deepEqual({ errorType, errorMessage }, { errorType: 'RangeError', errorMessage: 'at load' }),
    log: /^INIT_REPORT .*Status: error/m,
  },
  {
    behaviour: 'a syntax error in Node.js',
    files: { 'index.mjs': 'export const handler = (' },
    failed: true,
    payload: ({ errorType }: Record<string, unknown>) =>
      assert.equal(errorType, 'Runtime.UserCodeSyntaxError'),
  },
  {
    behaviour: 'a syntax error in Python',
    runtime: python,
    files: app('def handler(:\n'),
    failed: true,
    payload: ({ errorType }: Record<string, unknown>) =>
      assert.equal(errorType, 'Runtime.UserCodeSyntaxError'),
  },
  {
    behaviour: 'an exit while the code is loaded',
    files: node('return 1;', 'process.exit(5);'),
    failed: true,
    payload: (payload: Record<string, unknown>, { requestId }: Answer) =>
      assert.deepEqual(payload, {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: exit status 5`,
      }),
  },
  {
    behaviour: 'a module that is not there, in Node.js',
    files: node('return 1;'),
    handler: 'other.handler',
    failed: true,
    payload: ({ errorType, errorMessage }: Record<string, unknown>) => {
      assert.equal(errorType, 'Runtime.ImportModuleError');
      assert.match(String(errorMessage), /Cannot find module 'other'/);
    },
  },
  {
    behaviour: 'a module that is not there, in Python',
    runtime: python,
    files: app('def handler(event, context):\n    pass'),
    handler: 'other.handler',
    failed: true,
    payload: ({ errorType, errorMessage }: Record<string, unknown>) => {
      assert.equal(errorType, 'Runtime.ImportModuleError');
      assert.equal(errorMessage, "Unable to import module 'other': No module named 'other'");
    },
  },
  {
    behaviour: 'a handler that is not there, in Node.js',
    files: node('return 1;'),
    handler: 'index.other',
    failed: true,
    payload: ({ errorType, errorMessage }: Record<string, unknown>) =>
      assert.deepEqual(
        { errorType, errorMessage },
        { errorType: 'Runtime.HandlerNotFound', errorMessage: 'index.other is undefined or not exported' },
      ),
  },
  {
    behaviour: 'a handler that is not there, in Python',
    runtime: python,
    files: app('def handler(event, context):\n    pass'),
    handler: 'index.other',
    failed: true,
    payload: ({ errorType, errorMessage }: Record<string, unknown>) =>
      assert.deepEqual(
        { errorType, errorMessage },
        { errorType: 'Runtime.HandlerNotFound', errorMessage: "Handler 'other' missing on module 'index'" },
      ),
  },
];

describe('the end of a run', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  for (const one of [...RESULTS, ...ERRORS, ...ENDS, ...INITS]) {
    test(one.behaviour, async () => {
      const fn = await deploy(client, one);
      const answer = await fn.invoke();
      // A failure of the function is no failure of the service.
      assert.equal(answer.status, 200);
      assert.equal(
        answer.functionError,
        one.failed ? 'Unhandled' : undefined,
        JSON.stringify(answer.payload),
      );
      if (typeof one.payload === 'function') one.payload(answer.payload as Record<string, unknown>, answer);
      else assert.deepEqual(answer.payload, one.payload);
      if (one.log) assert.match(answer.log, one.log);
      expectPlatformLines(answer);
    });
  }

  test('only the first run of an environment reports an init', async () => {
    const fn = await deploy(client, { files: node('return 1;') });
    assert.match((await fn.invoke()).log, /\tInit Duration: [\d.]+ ms\t/);
    assert.doesNotMatch((await fn.invoke()).log, /Init Duration/);
  });

  test('an environment remembers its variables of the module, until it fails', async () => {
    const fn = await deploy(client, {
      files: node('if (event.end) process.exit(1); return ++calls;', 'let calls = 0;'),
    });
    assert.equal((await fn.invoke()).payload, 1);
    assert.equal((await fn.invoke()).payload, 2);
    assert.equal((await fn.invoke({ end: true })).functionError, 'Unhandled');
    assert.equal((await fn.invoke()).payload, 1);
  });

  test('the tail of a long log is its last 4 KB', async () => {
    const fn = await deploy(client, {
      files: node('for (let n = 0; n < 500; n++) console.log("line " + n);'),
    });
    const { log } = await fn.invoke();
    assert.ok(Buffer.byteLength(log) <= 4_096);
    assert.ok(Buffer.byteLength(log) > 4_000);
    assert.match(log, /\tINFO\tline 499\nEND RequestId: /);
  });

  test('no tail is given that was not asked for', async () => {
    const fn = await deploy(client, { files: node('console.log("quiet");') });
    assert.equal((await fn.invoke({}, { LogType: 'None' })).log, '');
  });

  test('an event of six megabytes goes in and out whole', async () => {
    const fn = await deploy(client, { files: node('return event;'), memoryMb: 512 });
    const event = 'x'.repeat(6_000_000);
    assert.equal((await fn.invoke(event)).payload, event);
  });

  test('an invocation without a body runs with an empty event', async () => {
    const fn = await deploy(client, { files: node('return { event };') });
    const answer = await fn.invokeWithoutBody();
    assert.deepEqual(answer.payload, { event: {} });
  });
});

/** START, END and REPORT, in AWS's own form. A failed init may leave START away on AWS too, never the REPORT. */
function expectPlatformLines({ log, requestId }: Answer): void {
  assert.match(log, new RegExp(`^START RequestId: ${requestId} Version: \\$LATEST$`, 'm'));
  assert.match(log, new RegExp(`^END RequestId: ${requestId}$`, 'm'));
  const measures = [
    String.raw`Duration: \d+\.\d\d ms`,
    String.raw`Billed Duration: \d+ ms`,
    'Memory Size: 128 MB',
    String.raw`Max Memory Used: \d+ MB`,
  ].join('\t');
  assert.match(log, new RegExp(`^REPORT RequestId: ${requestId}\t${measures}\t`, 'm'));
}
