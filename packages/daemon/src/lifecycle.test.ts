import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { fail } from '@lambent/core';
import { EXIT_CODES, exitCodeOf, isFinal } from './exit-codes.ts';

/** A daemon in a process of its own: `open` and `until` are source text; standard output is read line by line. */
function start(parts: { open: string; until?: string; drainTimeoutMs?: number }) {
  const source = `
    import { SystemClock } from '@lambent/core';
    import { createLogger } from '${import.meta.resolve('./logger.ts')}';
    import { runLifecycle } from '${import.meta.resolve('./lifecycle.ts')}';
    const say = line => process.stdout.write(line + '\\n');
    const clock = new SystemClock();
    const forever = () => new Promise(resolve => clock.setTimer(1e6, resolve));
    process.exitCode = 99;
    process.exit(await runLifecycle({
      logger: createLogger({ level: 'info', service: 'test' }),
      clock,
      drainTimeoutMs: ${parts.drainTimeoutMs ?? 10_000},
      async open(stack, closing) { ${parts.open} },
      ${parts.until ? `async until(closing) { ${parts.until} },` : ''}
    }));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Daemon(child);
}

class Daemon {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  readonly #lines: AsyncIterator<string>;
  log = '';

  constructor(child: ChildProcess) {
    this.child = child;
    this.ended = once(child, 'close').then(([code]) => code);
    assert.ok(child.stdout && child.stderr);
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    child.stderr.on('data', chunk => {
      this.log += chunk;
    });
  }

  async line(): Promise<string | undefined> {
    return (await this.#lines.next()).value;
  }
}

test('a signal drains what was opened, last first, and the exit code is 0', async () => {
  const daemon = start({
    open: `stack.defer(() => say('first closed')); stack.defer(() => say('second closed')); say('open'); forever();`,
  });
  assert.equal(await daemon.line(), 'open');
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.line(), 'second closed');
  assert.equal(await daemon.line(), 'first closed');
  assert.equal(await daemon.ended, EXIT_CODES.ok);
});

test('a second signal exits at once with 128 and its number', async () => {
  const daemon = start({
    open: `stack.defer(() => { say('closing'); return forever(); }); say('open'); forever();`,
  });
  assert.equal(await daemon.line(), 'open');
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.line(), 'closing');
  daemon.child.kill('SIGINT');
  assert.equal(await daemon.ended, 130);
});

test('a drain that does not end is cut off at its bound', async () => {
  const daemon = start({ drainTimeoutMs: 50, open: `stack.defer(forever); say('open'); forever();` });
  assert.equal(await daemon.line(), 'open');
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.ended, EXIT_CODES.drainIncomplete);
  assert.match(daemon.log, /"not everything was drained"/);
});

test('a failure to close is logged and told by the exit code', async () => {
  const daemon = start({ open: `stack.defer(() => { throw new Error('stuck'); }); say('open'); forever();` });
  assert.equal(await daemon.line(), 'open');
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.ended, EXIT_CODES.drainIncomplete);
  assert.match(daemon.log, /"closing failed"/);
});

test('an error while opening closes what is open and reaches the caller', async () => {
  const daemon = start({ open: `stack.defer(() => say('closed')); throw new Error('no room');` });
  assert.equal(await daemon.line(), 'closed');
  assert.equal(await daemon.ended, 1);
  assert.match(daemon.log, /no room/);
});

test('a signal while opening takes the opening back', async () => {
  const daemon = start({
    open: `stack.defer(() => say('closed')); forever(); say('opening');
           await new Promise((_, reject) => closing.addEventListener('abort', () => reject(closing.reason)));`,
  });
  assert.equal(await daemon.line(), 'opening');
  daemon.child.kill('SIGTERM');
  assert.equal(await daemon.line(), 'closed');
  assert.equal(await daemon.ended, EXIT_CODES.ok);
});

test('an error nobody caught is logged as fatal and exits at once', async () => {
  const thrown = start({ open: `clock.setTimer(0, () => { throw new Error('a mistake'); }); forever();` });
  assert.equal(await thrown.ended, EXIT_CODES.fatal);
  assert.match(thrown.log, /"level":"fatal".*a mistake.*"uncaught error"/);
  const rejected = start({
    open: `clock.setTimer(0, () => Promise.reject(new Error('a mistake'))); forever();`,
  });
  assert.equal(await rejected.ended, EXIT_CODES.fatal);
  assert.match(rejected.log, /"level":"fatal".*a mistake.*"uncaught error"/);
});

test('work that ends by itself closes the daemon and gives its exit code', async () => {
  const daemon = start({ open: `stack.defer(() => say('closed'));`, until: 'return 3;' });
  assert.equal(await daemon.line(), 'closed');
  assert.equal(await daemon.ended, 3);
});

test('an exit code tells what starting again cannot mend', () => {
  assert.equal(exitCodeOf(fail('config-invalid', { name: 'x', detail: 'y' })), EXIT_CODES.configInvalid);
  assert.equal(exitCodeOf(fail('data-locked', { directory: '/d' })), EXIT_CODES.dataLocked);
  assert.equal(exitCodeOf(fail('storage-failed', { detail: 'd' })), EXIT_CODES.failed);
  assert.equal(exitCodeOf(new TypeError()), EXIT_CODES.fatal);
  assert.deepEqual([EXIT_CODES.configInvalid, EXIT_CODES.failed, EXIT_CODES.fatal, 137].map(isFinal), [
    true,
    false,
    false,
    false,
  ]);
});
