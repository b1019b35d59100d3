import { type Clock, isFailure, sleep } from '@lambent/core';
import { EXIT_CODES, type ExitCode, exitCodeOf, isFinal, type Logger } from '@lambent/daemon';
import { CommandFailure } from '../command-failure.ts';
import type { PartLife } from './cluster-file.ts';
import { type PartEnd, PartNotServing, type RunningPart } from './running-part.ts';

export interface KeptPartOptions {
  readonly id: string;
  /** Resolves once it serves. Aborting the signal meanwhile ends it. */
  start(stopping: AbortSignal): Promise<RunningPart>;
  /** It serves, or, without a life, has ended. */
  changed(life: PartLife | undefined): void;
  /** It will not do, and starting it again would not mend that. */
  failed(error: CommandFailure): void;
  readonly clock: Clock;
  readonly logger: Logger;
}

const RESTART_AFTER_MS = 1_000;
/** Of a part that never served: what it was given will not do, and whoever started the cluster is waiting. */
const FIRST_STARTS_MAX = 3;
/** Drained, or cut off while it drained, because somebody told it to: a new life may begin. */
const ENDED_BY_ORDER: ReadonlySet<number> = new Set([EXIT_CODES.ok, EXIT_CODES.drainIncomplete]);

/**
 * A process of the cluster that is there again a second after it ended.
 *
 * - starting: until it serves. Given up where it says that it never will, or has not in its first starts.
 * - serving: until it ends by itself; then waiting, then starting.
 * - stopping: entered by dispose from any of these, and left when there is no process any more.
 */
export class KeptPart implements AsyncDisposable {
  readonly #options: KeptPartOptions;
  readonly #stopping = new AbortController();
  readonly #served = Promise.withResolvers<void>();
  readonly #kept: Promise<void>;
  #running: RunningPart | undefined;
  #everServed = false;

  constructor(options: KeptPartOptions) {
    this.#options = options;
    // Whoever does not wait for it is told by `failed`.
    this.#served.promise.catch(() => undefined);
    this.#kept = this.#keep();
  }

  /** Resolves when it serves for the first time; rejects when it is given up or stopped before. */
  get served(): Promise<void> {
    return this.#served.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    this.#served.reject(new Error('stopped before it served'));
    await this.#running?.stop();
    await this.#kept;
  }

  async #keep(): Promise<void> {
    const { id, clock, logger } = this.#options;
    const { signal } = this.#stopping;
    for (let starts = 1; !signal.aborted; starts += 1) {
      const end = await this.#live();
      if (signal.aborted) return;
      const hopeless =
        failureOf(id, end) ?? (starts >= FIRST_STARTS_MAX && !this.#everServed && tired(id, end));
      if (hopeless) return this.#giveUp(hopeless);
      logger.error(
        { part: id, err: end.cause, status: end.status, signal: end.signal },
        'part ended, starting it again',
      );
      // Aborted: it is wanted no more.
      await sleep(clock, RESTART_AFTER_MS, { signal }).catch(() => undefined);
    }
  }

  /** One life, as long as it lasts. */
  async #live(): Promise<Ended> {
    const { start, changed } = this.#options;
    try {
      this.#running = await start(this.#stopping.signal);
    } catch (cause) {
      return { ...(cause instanceof PartNotServing ? cause.end : UNKNOWN_END), cause };
    }
    this.#everServed = true;
    changed(this.#running.life);
    this.#served.resolve();
    // Stopped while it started: nobody else has seen that it runs.
    if (this.#stopping.signal.aborted) await this.#running.stop();
    const end = await this.#running.ended;
    this.#running = undefined;
    changed(undefined);
    return end;
  }

  #giveUp(error: CommandFailure): void {
    this.#served.reject(error);
    this.#options.failed(error);
  }
}

interface Ended extends PartEnd {
  readonly cause?: unknown;
}

const UNKNOWN_END: PartEnd = { status: null, signal: null };

/** What it says by its exit code that it will never do, or by an error; undefined where starting again may help. */
function failureOf(id: string, { status }: PartEnd): CommandFailure | undefined {
  if (status !== null && isFinal(status) && !ENDED_BY_ORDER.has(status))
    return new CommandFailure(`${id} cannot run; what it says about it is above`, status as ExitCode);
  return undefined;
}

function tired(id: string, { status, signal, cause }: Ended): CommandFailure {
  const why = cause instanceof Error ? cause.message : `it ended with ${signal ?? status}`;
  const exitCode = isFailure(cause) ? exitCodeOf(cause) : EXIT_CODES.unavailable;
  return new CommandFailure(`${id} did not start, ${FIRST_STARTS_MAX} times: ${why}`, exitCode, { cause });
}
