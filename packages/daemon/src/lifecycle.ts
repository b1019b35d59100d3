import { constants } from 'node:os';
import { type Clock, sleep } from '@lambent/core';
import { EXIT_CODES } from './exit-codes.ts';
import type { Logger } from './logger.ts';

/**
 * The life of a service's process: open everything, run until a signal, drain once, exit.
 *
 * - opening: `open` puts what it opens on the stack, in dependency order. If it throws, or a signal comes, what is
 *   already open is closed again; an error is the caller's to tell.
 * - running: until the first SIGINT, SIGTERM or SIGHUP, or until `until` settles.
 * - draining: the stack is disposed, last opened first, for at most `drainTimeoutMs`.
 * - ended: the exit code. A second signal in any state exits at once with 128 and its number; so does, with `fatal`,
 *   an error that nobody caught, since nothing is known of the state it left behind.
 */
export interface LifecycleOptions {
  readonly logger: Logger;
  readonly clock: Clock;
  readonly drainTimeoutMs: number;
  /** The signal is aborted as soon as closing is wanted. */
  open(stack: AsyncDisposableStack, closing: AbortSignal): Promise<void>;
  /** Work after which the process ends by itself; without it only a signal ends it. */
  until?(closing: AbortSignal): Promise<number>;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves with what to exit with. */
export async function runLifecycle(options: LifecycleOptions): Promise<number> {
  using watch = new ProcessWatch(options.logger);
  const stack = new AsyncDisposableStack();
  let exitCode: number = EXIT_CODES.ok;
  try {
    await options.open(stack, watch.closing);
    exitCode = await Promise.race([watch.closed, options.until?.(watch.closing) ?? watch.closed]);
  } catch (error) {
    await drain(stack, options);
    // What failed because a signal took it back is no failure.
    if (watch.closing.aborted) return EXIT_CODES.ok;
    throw error;
  }
  return (await drain(stack, options)) ? exitCode : EXIT_CODES.drainIncomplete;
}

/** False when the bound passed first. */
async function drain(stack: AsyncDisposableStack, options: LifecycleOptions): Promise<boolean> {
  const { logger, clock, drainTimeoutMs } = options;
  logger.info({ drainTimeoutMs }, 'draining');
  const finished = new AbortController();
  const late = sleep(clock, drainTimeoutMs, { signal: finished.signal }).then(
    () => false,
    () => true,
  );
  const drained = stack.disposeAsync().then(
    () => true,
    error => {
      logger.error({ err: error }, 'closing failed');
      return false;
    },
  );
  const inTime = await Promise.race([drained, late]);
  finished.abort();
  if (inTime) logger.info('drained');
  else logger.error({ drainTimeoutMs }, 'not everything was drained');
  return inTime;
}

/** What ends a process from outside, or from a mistake inside. Listens until disposed. */
class ProcessWatch implements Disposable {
  /** Resolves at the first signal. */
  readonly closed: Promise<number>;
  readonly #closing = new AbortController();
  readonly #logger: Logger;
  readonly #close: () => void;

  constructor(logger: Logger) {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.closed = promise;
    this.#close = () => resolve(EXIT_CODES.ok);
    this.#logger = logger;
    for (const signal of SIGNALS) process.on(signal, this.#onSignal);
    process.on('uncaughtException', this.#onMistake);
  }

  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
    process.off('uncaughtException', this.#onMistake);
  }

  readonly #onSignal = (signal: NodeJS.Signals) => {
    if (this.#closing.signal.aborted) {
      this.#logger.warn({ signal }, 'second signal, exiting at once');
      process.exit(128 + constants.signals[signal]);
    }
    this.#logger.info({ signal }, 'signal received');
    this.#closing.abort();
    this.#close();
  };

  /** Unhandled rejections come here too: Node raises them as uncaught exceptions. */
  readonly #onMistake = (error: unknown) => {
    this.#logger.fatal({ err: error }, 'uncaught error');
    process.exit(EXIT_CODES.fatal);
  };
}
