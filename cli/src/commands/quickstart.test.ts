import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { EXIT_CODES } from '@lambent/daemon';
import { waitFor } from '@lambent/testing';

const run = promisify(execFile);
const MAIN = resolve(import.meta.dirname, '../main.ts');

async function temporaryFolder(t: { after: typeof test.after }) {
  const path = await mkdtemp(join(tmpdir(), 'lambent-quickstart-'));
  t.after(() => rm(path, { recursive: true }));
  return path;
}

function quickstartOn(data: string) {
  return [MAIN, 'quickstart', '--data', data, '--port', '0', '--grpc-port', '0', '--admin-port', '0'];
}

test('quickstart deploys, invokes cold and warm, and exits; a second run deploys again', async t => {
  const args = [...quickstartOn(await temporaryFolder(t)), '--once'];
  const first = await run(process.execPath, args);
  assert.match(first.stdout, /^listening on http:\/\/127\.0\.0\.1:\d+$/m);
  assert.match(first.stderr, /^created the function hello in \d+ ms/m);
  assert.match(first.stderr, /^ {2}cold {2}\d+ ms {2}.*"message":"Hello, world!".*"greeted":1/m);
  assert.match(first.stderr, /^ {2}warm {2}\d+ ms +.*"message":"Hello, world!".*"greeted":2/m);
  assert.match(first.stderr, /REPORT RequestId: .*Init Duration:/);
  const second = await run(process.execPath, args);
  assert.match(second.stderr, /^updated the function hello in \d+ ms/m);
  assert.match(second.stderr, /^ {2}cold .*"greeted":1/m);
});

test('without --once it goes on serving until Ctrl-C', async t => {
  const child = spawn(process.execPath, quickstartOn(await temporaryFolder(t)), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const closed = once(child, 'close');
  let said = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    said += text;
  });
  await waitFor('it to serve', () => said.includes('Serving until Ctrl-C.'), { timeoutMs: 60_000 });
  assert.match(said, /aws --endpoint-url http:\/\/127\.0\.0\.1:\d+ lambda invoke /);
  child.kill('SIGINT');
  assert.deepEqual(await closed, [EXIT_CODES.ok, null]);
});

test('when Lambent cannot start, quickstart ends as it does', async t => {
  const args = [...quickstartOn(await temporaryFolder(t)), '--host', '0.0.0.0'];
  const failed = await run(process.execPath, args).catch(error => error);
  assert.equal(failed.code, EXIT_CODES.configInvalid);
  assert.match(failed.stderr, /^error: .*--insecure-listen allows it$/m);
});
