import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { SystemClock } from '@lambent/core';
import { runCommandLine } from './command-line.ts';
import { openTerminal } from './terminal.ts';

/** Runs a command line in this process. */
async function run(...args: string[]) {
  const stdout = new PassThrough({ encoding: 'utf8' });
  const stderr = new PassThrough({ encoding: 'utf8' });
  const exitCode = await runCommandLine(args, {
    terminal: openTerminal({ stdout, stderr }),
    clock: new SystemClock(),
    env: process.env,
  });
  return { exitCode, stdout: String(stdout.read() ?? ''), stderr: String(stderr.read() ?? '') };
}

const COMMANDS = [
  'up',
  'cluster',
  'gateway',
  'placement',
  'worker',
  'events',
  'certs',
  'status',
  'doctor',
  'invoke',
  'logs',
  'quickstart',
];

test('--help lists every command, and every command has help of its own', async () => {
  const { exitCode, stdout } = await run('--help');
  assert.equal(exitCode, 0);
  for (const command of COMMANDS) assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
  for (const command of COMMANDS) {
    const help = await run(command, '--help');
    assert.equal(help.exitCode, 0);
    assert.match(help.stdout, new RegExp(`^Usage: lambent ${command} `));
  }
});

test('--version tells the version', async () => {
  const { exitCode, stdout } = await run('--version');
  assert.equal(exitCode, 0);
  assert.match(stdout, /^\d+\.\d+\.\d+\n$/);
});

test('no command at all shows the help and is an error of use', async () => {
  const { exitCode, stderr } = await run();
  assert.equal(exitCode, 2);
  assert.match(stderr, /Usage: lambent/);
});

test('a misspelt command gets the one that was probably meant', async () => {
  const { exitCode, stderr } = await run('docter');
  assert.equal(exitCode, 2);
  assert.match(stderr, /unknown command 'docter'/);
  assert.match(stderr, /Did you mean doctor\?/);
});

test('a misspelt option gets the one that was probably meant', async () => {
  const { exitCode, stderr } = await run('up', '--prot', '1');
  assert.equal(exitCode, 2);
  assert.match(stderr, /unknown option '--prot'/);
  assert.match(stderr, /Did you mean --port\?/);
});

test('an option out of range is refused with what it must be', async () => {
  const wrong: [string[], RegExp][] = [
    [
      ['up', '--port', '65536'],
      /'--port <n>' argument '65536' is invalid\. It is a whole number from 0 to 65535/,
    ],
    [['cluster', '--data', ''], /'--data <dir>' argument '' is invalid\. It is the path of a directory/],
    [['status', '--data='], /It is the path of a directory/],
    [['gateway', '--data', ''], /It is the path of a directory/],
    [['up', '--account', '12'], /It is twelve digits/],
    [['up', '--region', 'here'], /It looks like us-east-1/],
    [['up', '--log-level', 'loud'], /Allowed choices are trace, debug, info/],
    [['logs', 'hello', '--since', 'ever'], /It is a number and a unit: 90s, 10m, 2h or 1d/],
    [['logs', 'hello', '--limit', '0'], /It is a whole number from 1 to/],
    [['invoke'], /missing required argument 'name'/],
  ];
  for (const [args, complaint] of wrong) {
    const { exitCode, stderr } = await run(...args);
    assert.equal(exitCode, 2, args.join(' '));
    assert.match(stderr, complaint);
  }
});

test('a command that needs a running Lambent says that there is none', async () => {
  for (const command of ['invoke', 'logs']) {
    const { exitCode, stderr } = await run(command, 'hello', '--data', '/nonexistent');
    assert.equal(exitCode, 69);
    assert.equal(
      stderr,
      'error: no Lambent runs on /nonexistent: start one with `npx lambent up`, or say where it is\n',
    );
  }
});

test('an address at which nobody answers is told in one line', async () => {
  const invoke = await run('invoke', 'hello', '--endpoint', 'http://127.0.0.1:1');
  assert.deepEqual(
    [invoke.exitCode, invoke.stderr],
    [69, 'error: nobody answers at http://127.0.0.1:1 (ECONNREFUSED)\n'],
  );
  const logs = await run('logs', 'hello', '--admin-url', 'http://127.0.0.1:2');
  assert.deepEqual(
    [logs.exitCode, logs.stderr],
    [69, 'error: nobody answers at http://127.0.0.1:2 (ECONNREFUSED)\n'],
  );
  const none = await run('invoke', 'hello', '--endpoint', 'localhost:9000');
  assert.deepEqual([none.exitCode, none.stderr], [2, 'error: "localhost:9000" is not an http:// address\n']);
});

test('a payload file that cannot be read is told in one line', async () => {
  const { exitCode, stderr } = await run(
    'invoke',
    'hello',
    '--endpoint',
    'http://127.0.0.1:1',
    '--payload',
    '@/nonexistent/event.json',
  );
  assert.equal(exitCode, 2);
  assert.match(stderr, /^error: cannot read the payload: ENOENT/);
});
