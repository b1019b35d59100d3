import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Clock, Timer } from '@lambent/core';
import { isRenewal } from './keeper-message.ts';

export interface KeptOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
  /** The deadline passed; the process has been killed already, what it started has not. */
  onDeadline(): void;
}

export interface KeptEnd {
  readonly status: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly livedMs: number;
  /** It had started so far that it told a deadline. */
  readonly wasReady: boolean;
}

/**
 * One life of the process that is kept. It says over its channel how long it may go on without saying so again, and
 * is killed when it does not; until it has said so for the first time, it may go on for ever.
 *
 * It has a session of its own: a Ctrl-C in the terminal reaches the keeper alone, and the process by the keeper, once.
 */
export class KeptProcess {
  readonly ended: Promise<KeptEnd>;
  readonly #child: ChildProcess;
  readonly #options: KeptOptions;
  #deadline: Timer | undefined;

  constructor(options: KeptOptions) {
    this.#options = options;
    const { command, args, env } = options;
    this.#child = spawn(command, args, {
      env,
      detached: true,
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    });
    this.#child.on('message', message => {
      if (isRenewal(message)) this.#renew(message.untilMs);
    });
    this.ended = this.#watch();
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Starts the time anew; the earlier deadline is void. */
  #renew(untilMs: number): void {
    const { clock, onDeadline } = this.#options;
    const leftMs = Math.min(Math.max(0, untilMs - clock.monotonicMs()), TIMER_MAX_MS);
    this.#deadline?.cancel();
    this.#deadline = clock.setTimer(leftMs, () => {
      this.#child.kill('SIGKILL');
      onDeadline();
    });
  }

  async #watch(): Promise<KeptEnd> {
    const { clock } = this.#options;
    const startedMs = clock.monotonicMs();
    const { promise, resolve, reject } = Promise.withResolvers<Pick<KeptEnd, 'status' | 'signal'>>();
    this.#child.once('error', error => {
      if (this.#child.pid === undefined) reject(error);
    });
    this.#child.once('exit', (status, signal) =>
      resolve({ status: status ?? undefined, signal: signal ?? undefined }),
    );
    try {
      const end = await promise;
      return { ...end, livedMs: clock.monotonicMs() - startedMs, wasReady: this.#deadline !== undefined };
    } finally {
      this.#deadline?.cancel();
    }
  }
}

/** The longest time that a timer can wait. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What a shell would say: 128 and the signal's number where a signal ended it. */
export function exitCodeOfEnd({ status, signal }: KeptEnd): number {
  return status ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}
