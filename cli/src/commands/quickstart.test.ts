import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, '../main.ts');

function quickstart(data: string) {
  const args = [MAIN, 'quickstart', '--once', '--data', data, '--port', '0', '--admin-port', '0'];
  return run(process.execPath, args, { env: { PATH: process.env['PATH'], HOME: data } });
}

test('quickstart deploys, invokes cold and warm, and exits; a second run deploys again', async t => {
  const data = await mkdtemp(join(tmpdir(), 'lambent-quickstart-'));
  t.after(() => rm(data, { recursive: true }));
  const first = await quickstart(data);
  assert.match(first.stdout, /^listening on http:\/\/127\.0\.0\.1:\d+$/m);
  assert.match(first.stderr, /^created the function hello in \d+ ms/m);
  assert.match(first.stderr, /^ {2}cold {2}\d+ ms {2}.*"message":"Hello, world!".*"greeted":1/m);
  assert.match(first.stderr, /^ {2}warm {2}\d+ ms +.*"message":"Hello, world!".*"greeted":2/m);
  assert.match(first.stderr, /REPORT RequestId: .*Init Duration:/);
  const second = await quickstart(data);
  assert.match(second.stderr, /^updated the function hello in \d+ ms/m);
  assert.match(second.stderr, /^ {2}cold .*"greeted":1/m);
});
