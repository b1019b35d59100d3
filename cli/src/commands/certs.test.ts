import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { SystemClock } from '@lambent/core';
import { runCommandLine } from '../command-line.ts';
import { readJoinFile } from '../local-cluster/join-file.ts';
import { openTerminal } from '../terminal.ts';

const openssl = promisify(execFile);

async function certs(...args: string[]) {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const exitCode = await runCommandLine(['certs', ...args], {
    terminal: openTerminal({ stdout, stderr }),
    clock: new SystemClock(),
    env: {},
  });
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

describe('lambent certs', () => {
  let folder: string;
  let authority: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lambent-certs-'));
    authority = join(folder, 'authority');
    const { exitCode, stderr } = await certs('init', authority);
    assert.equal(exitCode, 0, stderr);
  });
  after(() => rm(folder, { recursive: true }));

  test('makes an authority once', async () => {
    const { exitCode, stderr } = await certs('init', authority);
    assert.equal(exitCode, 78);
    assert.match(stderr, /an authority is there already and is kept/);
  });

  test('issues what others believe, and shows it', async () => {
    const out = join(folder, 'gateway-1');
    const issued = await certs(
      ...['issue', '--authority', authority, '--role', 'gateway', '--id', 'gateway-1'],
      ...['--host', 'gateway.example', '10.0.0.1', '--days', '30', '--out', out],
    );
    assert.equal(issued.exitCode, 0, issued.stderr);
    const { stdout } = await openssl('openssl', [
      ...['verify', '-CAfile', join(authority, 'ca.pem'), '-verify_hostname', 'gateway.example'],
      join(out, 'cert.pem'),
    ]);
    assert.match(stdout, /OK/);
    const shown = await certs('show', out);
    assert.match(
      shown.stdout,
      /cert\.pem +gateway\/gateway-1 +valid .*\((29|30) days\).*gateway\.example 10\.0\.0\.1/,
    );
    const all = JSON.parse((await certs('show', folder, '--json')).stdout) as { subject: string }[];
    assert.deepEqual(
      all.map(({ subject }) => subject),
      ['gateway/gateway-1', 'lambent authority'],
    );
  });

  test('says that one ends within the week', async () => {
    const out = join(folder, 'short', 'one');
    await certs(
      ...['issue', '--authority', authority, '--role', 'client', '--id', 'c', '--days', '3', '--out', out],
    );
    assert.match((await certs('show', out)).stdout, /client\/c +expiring/);
  });

  test('makes what a worker joins with', async () => {
    const out = join(folder, 'join.json');
    const args = ['join', '--authority', authority, '--etcd', '10.0.0.1:2379', '--out', out];
    assert.match((await certs(...args)).stderr, /needs to be told of --etcd and --nats/);
    assert.equal((await certs(...args, '--nats', '10.0.0.1:4222,10.0.0.2:4222')).exitCode, 0);
    const { cluster, etcd, nats } = await readJoinFile(out);
    assert.deepEqual(
      [cluster, etcd, nats],
      ['lambent', ['10.0.0.1:2379'], ['10.0.0.1:4222', '10.0.0.2:4222']],
    );
  });

  test('names what is wrong', async () => {
    const out = join(folder, 'x');
    const nowhere = join(folder, 'nowhere');
    const empty = join(folder, 'empty');
    await mkdir(empty);
    const issue = ['issue', '--id', 'x', '--out', out];
    const wrong: [string[], number, RegExp][] = [
      [['show', nowhere], 78, /nowhere cannot be read/],
      [['show', empty], 1, /there are no certificates/],
      [[...issue, '--role', 'king'], 2, /Allowed choices are gateway/],
      [[...issue, '--role', 'worker', '--authority', nowhere], 78, /there is no such file/],
      [[...issue, '--role', 'worker', '--id', 'a b/c'], 2, /It is up to 63 letters, digits and \. _ -/],
      [[...issue, '--role', 'worker', '--days', '0'], 2, /whole number from 1 to 3650/],
    ];
    for (const [args, code, message] of wrong) {
      const { exitCode, stderr } = await certs(...args);
      assert.match(stderr, message);
      assert.equal(exitCode, code, stderr);
    }
  });
});
