import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { InitFailure } from './runtime-channel.ts';
import {
  bodyOf,
  errorOf,
  fixture,
  nodeCommand,
  nodesHere,
  type SpawnedRuntime,
  spawnRuntime,
} from './spawned-runtime.ts';

for (const { title, node, hasCallbacks } of nodesHere()) {
  const start = (code: string, handler: string, environment: Record<string, string> = {}): SpawnedRuntime =>
    spawnRuntime({ command: nodeCommand(node), code: fixture(`node/${code}`), handler, environment });

  describe(title, { concurrency: 2 }, () => {
    const answers: readonly [
      behaviour: string,
      code: string,
      handler: string,
      event: unknown,
      body: string,
    ][] = [
      ['an event comes back as it was', 'answers', 'index.echo', { a: [1, 'ü', null] }, '{"a":[1,"ü",null]}'],
      ['a synchronous handler', 'answers', 'index.sync', 1, hasCallbacks ? 'null' : '{"got":1}'],
      ['no result is null', 'answers', 'index.undefinedResult', {}, 'null'],
      ['null is null', 'answers', 'index.nullResult', {}, 'null'],
      ['text is a JSON string', 'answers', 'index.text', {}, '"grüß dich"'],
      ['a thenable is awaited', 'answers', 'index.thenable', {}, '"thenable"'],
      ['a nested handler is found', 'answers', 'index.deep.inside.handler', {}, '"deep"'],
      ['an ES module may await while it loads', 'esm-with-top-level-await', 'index.handler', {}, '"hello"'],
      ['package.json makes an ES module', 'esm-by-package', 'index.named', {}, '"index.js"'],
      ['a default export is searched too', 'esm-by-package', 'index.handler', {}, '"by default export"'],
      ['a handler below a directory, CommonJS', 'below', 'directory/module.handler', {}, '"below"'],
      ['the working directory is the code', 'below', 'directory/module.cwd', {}, 'true'],
      ['without a trace header there is no variable', 'answers', 'index.trace', {}, '"none"'],
      ['nothing of the doorways is left', 'answers', 'index.environment', {}, '[]'],
      ['a stream is collected', 'streams', 'index.plain', 5, 'got {"event":5}'],
      [
        'an HTTP stream begins with its prelude',
        'streams',
        'index.http',
        {},
        `{"statusCode":201,"headers":{"a":"b"}}${'\0'.repeat(8)}body`,
      ],
      ['a stream may be piped to', 'streams', 'index.pipes', {}, 'abc'],
    ];
    for (const [behaviour, code, handler, event, body] of answers) {
      test(behaviour, async () => {
        await using runtime = start(code, handler);
        assert.equal(bodyOf(await runtime.invoke(event)), body);
      });
    }

    const failures: readonly [
      behaviour: string,
      code: string,
      handler: string,
      type: string,
      message: string,
    ][] = [
      ['a thrown error is posted', 'errors', 'index.throwsSync', 'TypeError', 'sync'],
      ['a rejection is posted', 'errors', 'index.rejects', 'Error', 'async'],
      ['an own error keeps its name', 'errors', 'index.custom', 'OutOfStock', 'none left'],
      ['rejecting with text', 'errors', 'index.rejectsText', 'string', 'just text'],
      ['a likeness of an error counts', 'errors', 'index.likeAnError', 'Looks', 'alike'],
      ['a DEL is escaped', 'errors', 'index.deleteCharacter', 'Error', 'a%7Fb'],
      ['a function is no result', 'answers', 'index.functionResult', 'TypeError', 'Wrong arguments'],
      ['a broken-off stream is an error', 'streams', 'index.fails', 'Error', 'mid-stream'],
      [
        'a streaming handler must be async',
        'streams',
        'index.sync',
        'Error',
        'Streaming does not support non-async handlers.',
      ],
      [
        'a circular result',
        'answers',
        'index.circular',
        hasCallbacks ? 'Error' : 'Runtime.JSONStringifyError',
        'Unable to stringify response body',
      ],
      [
        'a BigInt result',
        'answers',
        'index.bigint',
        hasCallbacks ? 'Error' : 'Runtime.JSONStringifyError',
        'Unable to stringify response body',
      ],
    ];
    for (const [behaviour, code, handler, type, message] of failures) {
      test(behaviour, async () => {
        await using runtime = start(code, handler);
        const document = errorOf(await runtime.invoke({}));
        assert.deepEqual(Object.keys(document), ['errorType', 'errorMessage', 'trace']);
        assert.equal(document['errorType'], type);
        assert.equal(document['errorMessage'], message);
      });
    }

    const failedInits: readonly [
      behaviour: string,
      code: string,
      handler: string,
      type: string,
      message: RegExp,
    ][] = [
      ['a handler without a dot', 'answers', 'index', 'Runtime.MalformedHandlerName', /^Bad handler$/],
      [
        'a handler that climbs',
        'answers',
        '../answers/index.echo',
        'Runtime.MalformedHandlerName',
        /^'\.\.\/answers\/index\.echo' is not a valid handler name\. Use absolute paths/,
      ],
      [
        'a handler that is not there',
        'answers',
        'index.nope',
        'Runtime.HandlerNotFound',
        /^index\.nope is undefined or not exported$/,
      ],
      [
        'a handler that is not a function',
        'answers',
        'index.notAFunction',
        'Runtime.HandlerNotFound',
        /^index\.notAFunction is not a function$/,
      ],
      [
        'a module that is not there',
        'answers',
        'other.handler',
        'Runtime.ImportModuleError',
        /^Error: Cannot find module 'other'\nRequire stack:\n- .*\/index\.mjs$/,
      ],
      [
        'a module that imports what is not there',
        'missing-import',
        'index.handler',
        'Runtime.ImportModuleError',
        /^Error: Cannot find module 'not-there-at-all'/,
      ],
      [
        'a module with a syntax error',
        'syntax-error',
        'index.handler',
        'Runtime.UserCodeSyntaxError',
        /^SyntaxError: Unexpected end of input$/,
      ],
    ];
    for (const [behaviour, code, handler, type, message] of failedInits) {
      test(`${behaviour} fails the init`, async () => {
        await using runtime = start(code, handler);
        const failure = await runtime.channel.ready.then(
          () => undefined,
          error => error,
        );
        assert.ok(failure instanceof InitFailure, String(failure));
        assert.equal(failure.errorType, type);
        const document = JSON.parse(Buffer.from(failure.payload).toString());
        assert.equal(document.errorType, type);
        assert.match(document.errorMessage, message);
        assert.equal((await runtime.exited).status, 129);
      });
    }
  });
}
