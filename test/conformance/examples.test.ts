/** The examples do what their READMEs say. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TEST_TOOLS } from '@lambent/testing';
import { deploy } from '../deployed-function.ts';
import { pythonRuntime } from '../python-runtime.ts';
import { openTarget, type Target } from './target.ts';

const fileOf = (name: string) => readFile(path.join(TEST_TOOLS.repository, 'examples', name));

describe('the examples', () => {
  let lambent: Target;
  before(async () => {
    lambent = await openTarget();
  });
  after(() => lambent[Symbol.asyncDispose]());

  test('hello-node greets, logs it, and fails on a language it does not know', async () => {
    const files = { 'index.mjs': await fileOf('hello-node/index.mjs') };
    const fn = await deploy(lambent.client(), { files });
    const answer = await fn.invoke({ name: 'Ada', language: 'fr' });
    assert.equal((answer.payload as { message: string }).message, 'Bonjour, Ada!');
    assert.match(answer.log, /"event":"greeted","language":"fr"/);
    const failed = await fn.invoke({ language: 'xx' });
    assert.equal((failed.payload as { errorType: string }).errorType, 'RangeError');
  });

  test('hello-python adds up an order and refuses an empty one', async () => {
    const fn = await deploy(lambent.client(), {
      files: { 'app.py': await fileOf('hello-python/app.py') },
      runtime: pythonRuntime(),
      handler: 'app.handler',
    });
    const order = { lines: [{ item: 'pen', price: '1.20', quantity: 100 }] };
    const answer = await fn.invoke(order);
    assert.deepEqual(answer.payload, { total: '120.00', discount: '6.00', due: '114.00' });
    assert.match(answer.log, /\[INFO\].*"event": "order"/);
    const failed = await fn.invoke({ lines: [] });
    assert.equal((failed.payload as { errorType: string }).errorType, 'ValueError');
  });
});
