import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { createAuthority, issue } from '@lambent/certificates';
import { SystemClock } from '@lambent/core';
import { EXIT_CODES } from '@lambent/daemon';
import { freePort } from '@lambent/engines';
import { waitFor } from '@lambent/testing';
import { saveJoinFile } from '../local-cluster/join-file.ts';

const MAIN = resolve(import.meta.dirname, '../main.ts');
/** Nobody listens there. */
const NOWHERE = '127.0.0.1:1';
const CLOCK = new SystemClock();

async function emptyFolder() {
  const path = await mkdtemp(join(tmpdir(), 'lambent-member-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** Runs a member that refuses to its end. */
async function refusal(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  await using folder = await emptyFolder();
  const command = [MAIN, ...args, '--data', folder.path, '--admin-port', '0', '--log-level', 'silent'];
  return await new Promise<{ exitCode: number | null; stderr: string }>(resolve => {
    const options = { env: { PATH: process.env['PATH'], ...env } };
    const child = execFile(process.execPath, command, options, (_error, _stdout, stderr) =>
      resolve({ exitCode: child.exitCode, stderr }),
    );
  });
}

test('a member that is told too little, or nonsense, names the setting and is not tried again', async () => {
  const cases: [args: string[], complaint: RegExp][] = [
    [['gateway'], /LAMBENT_ETCD is not valid: a member of a cluster needs it/],
    [['worker'], /LAMBENT_ETCD is not valid: .* give it --etcd, or a file with --join/],
    [['events', '--etcd', NOWHERE], /LAMBENT_NATS is not valid: a member of a cluster needs it/],
    [['placement', '--cluster', 'Mine'], /LAMBENT_CLUSTER is not valid: it must be up to 32 of a-z/],
    [['worker', '--dev', '--nats-replicas', '2'], /LAMBENT_NATS_REPLICAS is not valid: it must be one of/],
    [
      ['placement', '--etcd', 'etcd.example:2379'],
      /etcd\.example is reached over a network; set LAMBENT_TLS/,
    ],
    [['placement', '--etcd', NOWHERE, '--tls', '/nonexistent'], /certificate \/nonexistent\/ca\.pem cannot/],
  ];
  for (const [args, complaint] of cases) {
    const { exitCode, stderr } = await refusal(args);
    assert.match(stderr, complaint);
    assert.equal(exitCode, EXIT_CODES.configInvalid, stderr);
  }
  const misspelt = await refusal(['placement'], { LAMBENT_ETDC: NOWHERE });
  assert.match(misspelt.stderr, /did you mean LAMBENT_ETCD\?/);
});

test('a worker is kept by its keeper and by nobody else', async () => {
  const { exitCode, stderr } = await refusal([
    'worker',
    '--dev',
    '--kept',
    '--etcd',
    NOWHERE,
    '--nats',
    NOWHERE,
  ]);
  assert.equal(exitCode, EXIT_CODES.usage);
  assert.match(stderr, /--kept is for the keeper: run `npx lambent worker`/);
});

test('a member whose servers do not answer says which, lives, is not ready, and ends when told to', async () => {
  await using folder = await emptyFolder();
  const port = await freePort();
  const args = ['placement', '--data', folder.path, '--etcd', NOWHERE, '--admin-port', String(port)];
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', text => {
    log += text;
  });
  await waitFor('it to wait for etcd', () => log.includes('"waiting for servers"'));
  assert.match(log, /"servers":"etcd at http:\/\/127\.0\.0\.1:1"/);
  const ask = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    return [response.status, await response.text()];
  };
  assert.deepEqual(await ask('/healthz'), [200, 'ok\n']);
  assert.deepEqual(await ask('/readyz'), [503, 'starting\n']);
  child.kill('SIGTERM');
  assert.deepEqual(await ended, [EXIT_CODES.ok, null]);
});

test('a worker that joins waits for the servers as long as any member', async () => {
  await using folder = await emptyFolder();
  const path = join(folder.path, 'join.json');
  const authority = await createAuthority({ clock: CLOCK, name: 'lambent' });
  const tls = await issue(authority, { role: 'worker', id: 'w', hosts: [], days: 1, clock: CLOCK });
  await saveJoinFile(path, { cluster: 'lambent', etcd: [NOWHERE], nats: [NOWHERE], replicas: 1, tls });
  const startedMs = CLOCK.monotonicMs();
  const args = ['worker', '--dev', '--join', path, '--servers-wait-ms', '2000'];
  const { exitCode, stderr } = await refusal(args);
  assert.match(stderr, /none of 127\.0\.0\.1:1 is reached from here/);
  assert.equal(exitCode, EXIT_CODES.unavailable);
  assert.ok(CLOCK.monotonicMs() - startedMs > 1_000);
});

test('two members do not share a data directory', async () => {
  await using folder = await emptyFolder();
  const port = await freePort();
  const args = [MAIN, 'placement', '--data', folder.path, '--etcd', NOWHERE, '--admin-port', String(port)];
  const first = spawn(process.execPath, args, { stdio: 'ignore' });
  const ended = once(first, 'exit');
  await waitFor('the first', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
  const second = spawn(process.execPath, [...args, '--admin-port', '0'], { stdio: 'ignore' });
  assert.deepEqual(await once(second, 'exit'), [EXIT_CODES.dataLocked, null]);
  first.kill('SIGTERM');
  await ended;
});
