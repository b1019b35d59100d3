import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Clock } from '@lambent/core';
import { HOST_ENVIRONMENT } from './host-command.ts';
import { quote } from './start-script.ts';

/** A mount takes less than a millisecond; on a machine so busy that it takes this, a start has failed anyway. */
const TIMEOUT_MS = 10_000;

/**
 * Mounts on the host, by a shell that stays: to start a program from a process as large as this one takes longer than
 * the mount. One after the other, since starts wait for each only for a moment. It ends with this process, at the
 * end of its input.
 */
export class MountShell implements AsyncDisposable {
  readonly #clock: Clock;
  #shell: ChildProcessWithoutNullStreams | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rejects with what `mount` said. */
  mount(...args: readonly string[]): Promise<void> {
    const run = this.#last.then(() => this.#run(['mount', ...args]));
    this.#last = run.catch(() => {});
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#last;
    const shell = this.#shell;
    this.#shell = undefined;
    if (!shell) return;
    const closed = once(shell, 'close');
    shell.stdin.end();
    await closed;
  }

  async #run(command: readonly string[]): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const shell = this.#running();
    let said = '';
    const read = (text: string) => {
      said += text;
      if (STATUS.test(said)) resolve(said);
    };
    const end = () => reject(new Error(`the shell that mounts has ended: ${said}`));
    using _deadline = this.#clock.setTimer(TIMEOUT_MS, () => shell.kill('SIGKILL'));
    shell.stdout.on('data', read);
    shell.once('close', end);
    try {
      shell.stdin.write(`${command.map(quote).join(' ')} 2>&1; echo "=$?"\n`);
      const [, reason = '', status] = STATUS.exec(await promise) ?? [];
      if (status !== '0') throw new Error(reason.trim());
    } finally {
      shell.stdout.off('data', read);
      shell.off('close', end);
    }
  }

  #running(): ChildProcessWithoutNullStreams {
    if (this.#shell) return this.#shell;
    const shell = spawn('/bin/sh', ['-s'], { env: HOST_ENVIRONMENT });
    shell.stdout.setEncoding('utf8');
    // Who mounts learns of its end by that event.
    shell.on('error', () => {});
    shell.stdin.on('error', () => {});
    shell.stderr.resume();
    shell.once('close', () => {
      if (this.#shell === shell) this.#shell = undefined;
    });
    this.#shell = shell;
    return shell;
  }
}

/** What a command said, and its exit status. */
const STATUS = /^(.*)=(\d+)\n$/s;
