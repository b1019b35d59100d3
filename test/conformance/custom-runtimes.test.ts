/** Custom runtimes: AWS's official clients for Go and Rust, a shell script, and some that do not behave. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { TEST_TOOLS, waitFor } from '@lambent/testing';
import { type DeployedFunction, deploy } from '../deployed-function.ts';
import { readFunctionLog } from '../function-log.ts';
import { openTarget, type Target } from './target.ts';

const SHELL_BOOTSTRAP = path.join(import.meta.dirname, '../fixtures/shell-bootstrap/bootstrap');

const OFFICIAL = [
  { language: 'go', bootstrap: TEST_TOOLS.goBootstrap, errorType: 'errorString' },
  { language: 'rust', bootstrap: TEST_TOOLS.rustBootstrap, errorType: undefined },
];

/** Everything that a mobile client tells; the Rust client takes nothing less. */
const CLIENT_CONTEXT = {
  client: {
    installation_id: 'i',
    app_title: 'shop',
    app_version_name: '1',
    app_version_code: '1',
    app_package_name: 'shop',
  },
  custom: {},
  env: {},
};

interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
}

describe('custom runtimes', () => {
  let lambent: Target;
  let client: LambdaClient;
  before(async () => {
    lambent = await openTarget();
    client = lambent.client();
  });
  after(() => lambent[Symbol.asyncDispose]());

  for (const { language, bootstrap, errorType } of OFFICIAL) {
    describe(`the official client of ${language}`, () => {
      let fn: DeployedFunction;
      before(async () => {
        fn = await deploy(client, {
          runtime: 'provided.al2023',
          handler: 'bootstrap',
          files: { bootstrap: await readFile(bootstrap) },
        });
      });

      test('gets the event, the request id, the ARN, the deadline and the client context', async () => {
        const event = { text: 'ünï ✓', list: [1, 2] };
        const context = JSON.stringify(CLIENT_CONTEXT);
        const answer = await fn.invoke(event, { ClientContext: Buffer.from(context).toString('base64') });
        assert.equal(answer.functionError, undefined, JSON.stringify(answer.payload));
        assert.deepEqual(answer.payload, {
          language,
          event,
          requestId: answer.requestId,
          functionArn: `arn:aws:lambda:us-east-1:000000000000:function:${fn.name}`,
          hasDeadline: true,
          client: 'shop',
        });
      });

      test('reports an error of the handler and goes on', async () => {
        const answer = await fn.invoke({ fail: 'on purpose' });
        assert.equal(answer.functionError, 'Unhandled');
        const failure = answer.payload as Failure;
        assert.equal(failure.errorMessage, 'on purpose');
        if (errorType) assert.equal(failure.errorType, errorType);
        assert.equal((await fn.invoke({})).functionError, undefined);
      });

      test('that exits ends its invocation and no other', async () => {
        const answer = await fn.invoke({ exit: 4 });
        assert.deepEqual(answer.payload, {
          errorType: 'Runtime.ExitError',
          errorMessage: `RequestId: ${answer.requestId} Error: Runtime exited with error: exit status 4`,
        });
        assert.equal((await fn.invoke({})).functionError, undefined);
      });
    });
  }

  const shell = async (handler: string, timeoutSeconds = 5) =>
    deploy(client, {
      runtime: 'provided.al2023',
      handler,
      timeoutSeconds,
      files: { bootstrap: await readFile(SHELL_BOOTSTRAP) },
    });

  test('a bootstrap of bash answers, and what it prints is its log', async () => {
    const fn = await shell('echoes');
    const answer = await fn.invoke({ n: 1 });
    assert.deepEqual(answer.payload, { language: 'bash', requestId: answer.requestId, event: { n: 1 } });
    assert.match(answer.log, /^bash got \{"n":1\}$/m);
  });

  test('an error it reports is passed on as it is', async () => {
    const answer = await (await shell('reports-an-error')).invoke();
    assert.equal(answer.functionError, 'Unhandled');
    assert.deepEqual(answer.payload, { errorType: 'Function.Broken', errorMessage: 'as told' });
  });

  test('of two answers the first counts, and the second is refused', async () => {
    const fn = await shell('posts-twice');
    assert.equal((await fn.invoke()).payload, 'first');
    // It is printed after the answer was given, so no tail need hold it.
    const refusal = await waitFor('the refusal in the log', async () => {
      const messages = await readFunctionLog(lambent, fn.name);
      return messages.find(message => message.startsWith('second post'));
    });
    assert.match(refusal, /^second post answered 400 .*InvalidRequestID/);
    assert.equal((await fn.invoke()).payload, 'first');
  });

  test('an answer to another id is refused and the right one still counts', async () => {
    const { payload } = await (await shell('posts-to-a-wrong-id')).invoke();
    const { stray, said } = payload as { stray: number; said: Failure };
    assert.equal(stray, 400);
    assert.equal(said.errorType, 'InvalidRequestID');
  });

  test('asking for the next event before answering is refused', async () => {
    const { payload } = await (await shell('asks-again-without-answering')).invoke();
    const { second, said } = payload as { second: number; said: Failure };
    assert.equal(second, 403);
    assert.equal(said.errorType, 'InvalidStateTransition');
  });

  test('a runtime that never answers times out', async () => {
    const answer = await (await shell('never-posts', 1)).invoke();
    assert.deepEqual(answer.payload, {
      errorType: 'Sandbox.Timedout',
      errorMessage: `RequestId: ${answer.requestId} Error: Task timed out after 1.00 seconds`,
    });
  });

  test('a runtime that exits is an exit error', async () => {
    const answer = await (await shell('exits')).invoke();
    assert.equal((answer.payload as Failure).errorType, 'Runtime.ExitError');
  });

  test('an init error it reports is what the invocation ends in', async () => {
    const answer = await (await shell('fails-to-start')).invoke();
    assert.equal(answer.functionError, 'Unhandled');
    assert.deepEqual(answer.payload, { errorType: 'Runtime.NoSuchThing', errorMessage: 'cannot start' });
  });

  test('a package without a bootstrap says which places were searched', async () => {
    const fn = await deploy(client, {
      runtime: 'provided.al2023',
      handler: 'x',
      files: { 'other.txt': 'x' },
    });
    const answer = await fn.invoke();
    assert.deepEqual(answer.payload, {
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: `RequestId: ${answer.requestId} Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]`,
    });
  });
});
