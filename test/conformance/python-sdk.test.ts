/** boto3 lives the same life of a function. Its script prints what it saw; what is right is said here. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { TEST_TOOLS } from '@lambent/testing';
import { pythonRuntime } from '../python-runtime.ts';
import { openTarget, type Target } from './target.ts';

const SCRIPT = path.join(import.meta.dirname, '../fixtures/boto3/life_of_a_function.py');

describe('boto3', () => {
  let lambent: Target;
  before(async () => {
    lambent = await openTarget();
  });
  after(() => lambent[Symbol.asyncDispose]());

  const languages = [
    { runtime: 'nodejs24.x', error: 'Error' },
    { runtime: pythonRuntime(), error: 'ValueError' },
  ];
  for (const { runtime, error } of languages) {
    test(`a ${runtime} function lives from create to delete`, async () => {
      const run = promisify(execFile);
      const { stdout } = await run(TEST_TOOLS.python, [SCRIPT, runtime], {
        env: { ...lambent.clientEnvironment },
      });
      assert.deepEqual(JSON.parse(stdout), {
        created: { status: 201, state: 'Pending' },
        download_equals: true,
        answer: { answer: 'first', event: { n: 1 } },
        function_error: 'Unhandled',
        error_type: error,
        log_has_report: true,
        event_status: 202,
        dry_run_status: 204,
        published: '1',
        old_version: { version: '1', answer: 'first' },
        new_code: 'second',
        memory: 256,
        pages_hold_it_once: true,
        tags: { stage: 'test' },
        deleted_status: 204,
        after_delete: 'ResourceNotFoundException',
      });
    });
  }
});
