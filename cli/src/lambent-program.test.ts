import assert from 'node:assert/strict';
import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { waitFor } from '@lambent/testing';

const run = promisify(execFile);
const PROGRAM = resolve(import.meta.dirname, '../bin/lambent.js');

/** A Node on this machine that cannot run Lambent, if there is one. */
function oldNode(): string | undefined {
  const folders = new Set([...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/local/bin']);
  return [...folders]
    .map(folder => join(folder, 'node'))
    .find(node => {
      try {
        const version = execFileSync(node, ['--version'], { encoding: 'utf8', stdio: 'pipe' });
        return Number(/^v(\d+)/.exec(version)?.[1]) < 24;
      } catch {
        return false;
      }
    });
}

const old = oldNode();
const skip = old === undefined ? 'no old Node.js on this machine' : false;

test('the program runs', async () => {
  const { stdout } = await run(process.execPath, [PROGRAM, '--version']);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('under an old Node.js the program hands over to the one the project brings', { skip }, async () => {
  const { stdout } = await run(old ?? '', [PROGRAM, '--version']);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
  const failed = await run(old ?? '', [PROGRAM, 'docter']).catch(error => error);
  assert.equal(failed.code, 2);
  assert.match(failed.stderr, /Did you mean doctor\?/);
});

test('a signal to the old Node.js ends what it handed over to, and its exit code is passed on', {
  skip,
}, async t => {
  const data = await mkdtemp(join(tmpdir(), 'lambent-program-'));
  t.after(() => rm(data, { recursive: true }));
  const args = [
    PROGRAM,
    'up',
    '--dev',
    '--data',
    data,
    '--port',
    '0',
    '--grpc-port',
    '0',
    '--admin-port',
    '0',
  ];
  const child = spawn(old ?? '', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const closed = once(child, 'close');
  let said = '';
  child.stdout.setEncoding('utf8').on('data', text => {
    said += text;
  });
  await waitFor('it to listen', () => /^listening on /m.test(said), { timeoutMs: 60_000 });
  child.kill('SIGTERM');
  assert.deepEqual(await closed, [0, null]);
});

test('an old Node.js alone is told which one is needed', { skip }, async t => {
  const folder = await mkdtemp(join(tmpdir(), 'lambent-program-'));
  t.after(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'bin'));
  await cp(PROGRAM, join(folder, 'bin', 'lambent.mjs'));
  const failed = await run(old ?? '', [join(folder, 'bin', 'lambent.mjs'), '--version']).catch(
    error => error,
  );
  assert.equal(failed.code, 78);
  assert.match(failed.stderr, /^lambent needs Node\.js 24\.12 or newer and this is /);
});
