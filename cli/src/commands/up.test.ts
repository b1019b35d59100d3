import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { Runtime } from '@aws-sdk/client-lambda';
import { EXIT_CODES } from '@lambent/daemon';
import { type LambentProcess, startLambent, waitFor, zipOf } from '@lambent/testing';
import { deployFunction } from '../deploy-function.ts';

const MAIN = resolve(import.meta.dirname, '../main.ts');
const PORTS = ['--port', '0', '--grpc-port', '0', '--admin-port', '0'];

interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a `lambent` to its end. */
function lambent(args: readonly string[], options: { input?: string; env?: NodeJS.ProcessEnv } = {}) {
  return new Promise<Ended>(resolve => {
    const env = { PATH: process.env['PATH'], ...options.env };
    const child = execFile(process.execPath, [MAIN, ...args], { env }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    );
    child.stdin?.end(options.input ?? '');
  });
}

suite('a running lambent', () => {
  let running: LambentProcess;
  before(async () => {
    running = await startLambent();
    const zip = await zipOf({
      'index.mjs': `export const handler = async event => {
        console.log('got', JSON.stringify(event));
        if (event.fail) throw new RangeError('as asked');
        return event;
      };`,
    });
    const handler = 'index.handler';
    const runtime = Runtime.nodejs24x;
    const client = running.client();
    await deployFunction(client, { name: 'echo', runtime, handler, zip, memoryMb: 128, timeoutSeconds: 10 });
  });
  after(() => running[Symbol.asyncDispose]());

  const invoke = (...args: string[]) => ['invoke', 'echo', '--data', running.dataDirectory, ...args];

  test('says what was found, what is not there yet and where it listens', () => {
    for (const name of ['namespaces', 'seccomp', 'cgroup', 'own uid', 'network', 'outbound', 'pools'])
      assert.equal(running.logs.match(new RegExp(`^ {2}${name} +(yes|no) `, 'gm'))?.length, 1, name);
    assert.match(running.logs, /^ {2}signatures +no +parsed and not verified/m);
    assert.match(running.logs, new RegExp(`^listening on ${running.url}$`, 'm'));
  });

  test('invoke prints what the function answers, and only that, on standard output', async () => {
    const given = await lambent(invoke('--payload', '{"a":1}'));
    assert.deepEqual(given, { exitCode: 0, stdout: '{"a":1}\n', stderr: '' });
    const piped = await lambent(invoke('--payload', '-'), { input: '[2]' });
    assert.equal(piped.stdout, '[2]\n');
    const file = join(running.dataDirectory, 'event.json');
    await writeFile(file, '"three"');
    const read = await lambent(invoke('--payload', `@${file}`, '--tail'));
    assert.equal(read.stdout, '"three"\n');
    assert.match(read.stderr, /^START RequestId: [\s\S]*got "three"[\s\S]*REPORT RequestId:/);
  });

  test('invoke tells a function error by its exit code', async () => {
    const { exitCode, stdout, stderr } = await lambent(invoke('--payload', '{"fail":true}'));
    assert.equal(exitCode, EXIT_CODES.failed);
    assert.equal(JSON.parse(stdout).errorType, 'RangeError');
    assert.equal(stderr, 'the function failed: Unhandled\n');
  });

  test("invoke gives AWS's own refusal in one line", async () => {
    const args = ['invoke', 'nobody', '--endpoint', running.url];
    const { exitCode, stderr } = await lambent(args);
    assert.equal(exitCode, EXIT_CODES.failed);
    assert.match(stderr, /^error: ResourceNotFoundException: Function not found: arn:aws:lambda:[^\n]*\n$/);
  });

  test('an event is accepted, runs, and is found in the logs', async () => {
    const { exitCode, stdout, stderr } = await lambent(invoke('--event', '--payload', '{"later":true}'));
    assert.deepEqual([exitCode, stdout], [0, '']);
    assert.match(stderr, /^accepted: request [\da-f-]{36}\n$/);
    await waitFor('the log of the event', async () => {
      const logs = await lambent(['logs', 'echo', '--data', running.dataDirectory]);
      return logs.stdout.includes('got {"later":true}');
    });
    const last = await lambent(['logs', 'echo', '--admin-url', running.adminUrl, '--limit', '1']);
    assert.match(last.stdout, /^\d{4}-\d\d-\d\dT[\d:.]+Z {2}[^\n]*\n$/);
    const none = await lambent(['logs', 'echo', '--admin-url', running.adminUrl, '--since', '0s']);
    assert.deepEqual([none.exitCode, none.stdout], [0, '']);
  });

  test('logs of a function that nobody knows are told as missing', async () => {
    const { exitCode, stdout, stderr } = await lambent(['logs', 'nobody', '--data', running.dataDirectory]);
    assert.deepEqual(
      [exitCode, stdout, stderr],
      [EXIT_CODES.failed, '', 'error: there is no function nobody, or it has logged nothing yet\n'],
    );
  });

  test('following a function that nobody knows says so, once, and waits', async t => {
    const args = ['logs', 'tomorrow', '--follow', '--data', running.dataDirectory];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => child.kill());
    let said = '';
    child.stderr.setEncoding('utf8').on('data', text => {
      said += text;
    });
    await waitFor('it to say so', () => said.endsWith('\n'));
    const zip = await zipOf({ 'index.mjs': `export const handler = async () => console.log('at last');` });
    const [handler, runtime, bounds] = [
      'index.handler',
      Runtime.nodejs24x,
      { memoryMb: 128, timeoutSeconds: 10 },
    ];
    await deployFunction(running.client(), { name: 'tomorrow', runtime, handler, zip, ...bounds });
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      printed += text;
    });
    await lambent(['invoke', 'tomorrow', '--data', running.dataDirectory]);
    await waitFor('its first line', () => printed.includes('at last'));
    assert.equal(
      said,
      'there is no function tomorrow, or it has logged nothing yet; waiting for its first line\n',
    );
  });

  test('logs can be followed, until nobody reads them any more', async () => {
    const args = ['logs', 'echo', '--follow', '--data', running.dataDirectory];
    const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const closed = once(child, 'close');
    let printed = '';
    child.stdout.setEncoding('utf8').on('data', text => {
      printed += text;
    });
    const following = async (word: string) => {
      await lambent(invoke('--payload', JSON.stringify(word)));
      await waitFor(word, () => printed.includes(`got "${word}"`));
    };
    await following('first');
    await following('second');
    child.stdout.destroy();
    await lambent(invoke('--payload', '"third"'));
    assert.deepEqual(await closed, [EXIT_CODES.ok, null]);
  });

  test('a second one on the same data directory is refused', async () => {
    const { exitCode, stderr } = await lambent(['up', '--data', running.dataDirectory, ...PORTS]);
    assert.equal(exitCode, EXIT_CODES.dataLocked);
    assert.equal(stderr, `error: another Lambent runs on the data directory ${running.dataDirectory}\n`);
  });
});

test('a port in use is told in one line and not tried again', async t => {
  const occupant = createServer();
  await new Promise<void>(resolve => occupant.listen(0, '127.0.0.1', resolve));
  t.after(() => occupant.close());
  const { port } = occupant.address() as { port: number };
  await using folder = await emptyFolder();
  const { exitCode, stderr } = await lambent([
    'up',
    ...['--dev', '--log-level', 'silent', '--data', folder.path],
    ...['--port', String(port), '--grpc-port', '0', '--admin-port', '0'],
  ]);
  assert.equal(exitCode, EXIT_CODES.configInvalid);
  assert.equal(stderr, `error: the setting --port is not valid: port ${port} is in use by another process\n`);
});

test('a misspelt or wrong setting is told in one line and not tried again', async () => {
  await using folder = await emptyFolder();
  const args = ['up', '--dev', '--log-level', 'silent', '--data', folder.path, ...PORTS];
  const misspelt = await lambent(args, { env: { LAMBENT_WORKER_SLOT: '5' } });
  assert.equal(misspelt.exitCode, EXIT_CODES.configInvalid);
  assert.match(misspelt.stderr, /^error: [^\n]* did you mean LAMBENT_WORKER_SLOTS\?\n$/);
  const elsewhere = await lambent([...args, '--host', '0.0.0.0']);
  assert.equal(elsewhere.exitCode, EXIT_CODES.configInvalid);
  assert.match(elsewhere.stderr, /^error: [^\n]*--insecure-listen allows it\n$/);
});

test('a data directory that cannot be one is told in one line', async () => {
  const { exitCode, stderr } = await lambent(['up', '--data', `${MAIN}/data`, ...PORTS]);
  assert.equal(exitCode, EXIT_CODES.configInvalid);
  assert.match(
    stderr,
    /^error: the setting --data is not valid: .* is below something that is not a directory\n$/,
  );
});

test('a machine that cannot confine is refused, with what is missing, unless it is for development', async () => {
  await using folder = await emptyFolder();
  const { exitCode, stderr } = await lambent(
    ['up', '--log-level', 'silent', '--data', folder.path, ...PORTS],
    { env: { LAMBENT_BUBBLEWRAP: '/nonexistent/bwrap' } },
  );
  assert.equal(exitCode, EXIT_CODES.cannotConfine);
  assert.match(stderr, /^ {2}namespaces +no +/m);
  assert.match(
    stderr,
    /^error: this machine cannot confine functions; `npx lambent up --dev` starts all the same/m,
  );
});

test('doctor agrees with up on what a machine can do', async () => {
  const here = await lambent(['doctor', '--json']);
  assert.equal(here.exitCode, EXIT_CODES.ok);
  const { ready, confinement, runtimes } = JSON.parse(here.stdout);
  assert.deepEqual([ready, confinement.namespaces.held], [true, true]);
  assert.ok(runtimes.some((runtime: { identifier: string }) => runtime.identifier === 'nodejs24.x'));
  const lacking = await lambent(['doctor'], { env: { LAMBENT_BUBBLEWRAP: '/nonexistent/bwrap' } });
  assert.equal(lacking.exitCode, EXIT_CODES.failed);
  assert.match(lacking.stdout, /^ {2}namespaces +no +/m);
  assert.match(lacking.stdout, /^`npx lambent up` refuses to start here/m);
});

test('Ctrl-C in a terminal, which reaches the keeper, drains once', async () => {
  await using running = await startLambent();
  running.signal('SIGINT');
  assert.deepEqual(await running.exited, { status: EXIT_CODES.ok, signal: null });
  assert.equal(running.logs.match(/"draining"/g)?.length, 1);
});

test('after a crash it is found again at the same address, with everything it had', async () => {
  await using running = await startLambent();
  const { url } = running;
  const children = `/proc/${running.pid}/task/${running.pid}/children`;
  const [kept = ''] = (await readFile(children, 'utf8')).split(' ');
  process.kill(Number(kept), 'SIGKILL');
  await waitFor('it to listen again', () => running.logs.match(/^listening on .*$/gm)?.length === 2, {
    timeoutMs: 30_000,
  });
  const answer = await lambent(['invoke', 'nobody', '--endpoint', url]);
  assert.match(answer.stderr, /ResourceNotFoundException/);
});

async function emptyFolder() {
  const path = await mkdtemp(join(tmpdir(), 'lambent-up-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}
