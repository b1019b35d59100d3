import { constants } from 'node:os';
import { type Clock, sleep } from '@lambent/core';
import { EXIT_CODES, isFinal, type Logger } from '@lambent/daemon';
import { sweepLeftovers } from '@lambent/sandbox';
import { DirectoryLock } from './directory-lock.ts';
import { exitCodeOfEnd, type KeptEnd, KeptProcess } from './kept-process.ts';
import { countEarlyEnds, restartDelayMs } from './restart-policy.ts';

export interface KeeperOptions {
  /** Whose lock is the worker's identity; it exists. */
  readonly dataDirectory: string;
  /** As the kept process gives them to `openSandboxes`. */
  readonly ownerId: string;
  readonly runDirectory: string;
  /** The program to keep, with a Node child channel; its standard streams are the keeper's. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Aborted: drain, as after a first signal. */
  readonly stop?: AbortSignal;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Starts a process and enforces its end, and the end of every sandbox it has made: it dies, or lets the deadline pass
 * that it told last, and nothing of it is left. Then it is started again, unless its exit code says that this would
 * change nothing. Resolves with what to exit with; fails with `data-locked` where another keeper is at work.
 *
 * - keeping: until the process ends. The first signal is passed on and makes it drain; a second one kills it.
 * - sweeping: it has ended or passed its deadline; what it left is killed and removed.
 * - waiting: before the next start, longer each time; given up after EARLY_ENDS_MAX early ends in a row, and already
 *   after FIRST_ENDS_MAX where it was never ready. One that never was, and says that nobody answered, has waited for
 *   that itself: when to try again is for whoever keeps the keeper.
 */
export async function keep(options: KeeperOptions): Promise<number> {
  using _lock = DirectoryLock.take(options.dataDirectory);
  using keeper = new Keeper(options);
  return await keeper.run();
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

class Keeper implements Disposable {
  readonly #options: KeeperOptions;
  readonly #stopping = new AbortController();
  #kept: KeptProcess | undefined;
  /** The second signal, which ends everything at once. */
  #cut: NodeJS.Signals | undefined;

  constructor(options: KeeperOptions) {
    this.#options = options;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    options.stop?.addEventListener('abort', this.#onStop, { once: true });
  }

  async run(): Promise<number> {
    const { logger, clock, stop } = this.#options;
    if (stop?.aborted) return EXIT_CODES.ok;
    for (let earlyEnds = 0, everReady = false; ; ) {
      const end = await this.#live();
      if (this.#cut) return 128 + constants.signals[this.#cut];
      if (this.#stopping.signal.aborted || (end.status !== undefined && isFinal(end.status)))
        return exitCodeOfEnd(end);
      earlyEnds = countEarlyEnds(earlyEnds, end.livedMs);
      everReady ||= end.wasReady;
      if (!everReady && end.status === EXIT_CODES.unavailable) return end.status;
      const delayMs = restartDelayMs(earlyEnds, everReady);
      if (delayMs === undefined) {
        logger.fatal({ ...end, earlyEnds }, 'process ends again and again, giving up');
        return end.status ?? EXIT_CODES.fatal;
      }
      logger.error({ ...end, earlyEnds, delayMs }, 'process ended, starting it again');
      const waited = sleep(clock, delayMs, { signal: this.#stopping.signal });
      if (
        !(await waited.then(
          () => true,
          () => false,
        ))
      )
        return EXIT_CODES.ok;
    }
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    this.#options.stop?.removeEventListener('abort', this.#onStop);
  }

  /** One life of the process, and the sweeping after it. */
  async #live(): Promise<KeptEnd> {
    const { command, args, env, clock } = this.#options;
    let fenced: Promise<void> | undefined;
    this.#kept = new KeptProcess({
      command,
      args,
      env,
      clock,
      // A process that is stuck in the kernel may take its time to die; what it started must not.
      onDeadline: () => {
        this.#options.logger.error('process let its deadline pass, killed');
        fenced = this.#sweep();
      },
    });
    const end = await this.#kept.ended;
    this.#kept = undefined;
    await fenced;
    await this.#sweep();
    return end;
  }

  async #sweep(): Promise<void> {
    const { logger } = this.#options;
    try {
      const removed = await sweepLeftovers(this.#options);
      if (removed.length > 0) logger.warn({ removed }, 'swept what was left behind');
    } catch (error) {
      // The next start sweeps again before it starts anything of its own.
      logger.error({ err: error }, 'not everything could be swept');
    }
  }

  readonly #onStop = () => this.#onSignal('SIGTERM');

  readonly #onSignal = (signal: NodeJS.Signals) => {
    const first = !this.#stopping.signal.aborted;
    this.#options.logger.info({ signal, first }, 'signal received');
    this.#stopping.abort();
    if (!first) this.#cut = signal;
    this.#kept?.signal(first ? signal : 'SIGKILL');
  };
}
