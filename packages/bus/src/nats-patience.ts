import { type Clock, fail, type Random, sleep } from '@lambent/core';
import { failureOfNats, isTransient, type NatsConnection } from '@lambent/nats';

/**
 * How long a broker may be away before whoever waits is told. A restart takes about a second; servers that lost the
 * leader of a stream elect another one within nine.
 */
export const PATIENCE_MS = 12_000;
/** For one answer. A broker that syncs each write to a slow disk needs some of it. */
export const ATTEMPT_MS = 2_000;
const PAUSE_MIN_MS = 50;
const PAUSE_MAX_MS = 800;

export interface NatsPatienceOptions {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly random: Random;
  readonly patienceMs: number;
  /** Aborted when the bus closes. */
  readonly closing: AbortSignal;
}

/** Asks the broker again, for a while, what may be asked twice. */
export class NatsPatience {
  readonly #options: NatsPatienceOptions;

  constructor(options: NatsPatienceOptions) {
    this.#options = options;
  }

  /** Fails with `storage-failed`; then it may or may not have happened. */
  async persist<T>(attempt: () => Promise<T>): Promise<T> {
    const { clock, patienceMs, closing } = this.#options;
    const endMs = clock.monotonicMs() + patienceMs;
    for (let pauseMs = PAUSE_MIN_MS; ; pauseMs = Math.min(2 * pauseMs, PAUSE_MAX_MS)) {
      if (closing.aborted) throw fail('storage-failed', { detail: 'the bus is closed' });
      const failure = await this.#try(attempt);
      if (!('error' in failure)) return failure.value;
      if (!isTransient(failure.error) || clock.monotonicMs() + pauseMs > endMs)
        throw failureOfNats(failure.error);
      await this.#pause(pauseMs);
    }
  }

  async #try<T>(attempt: () => Promise<T>): Promise<{ value: T } | { error: unknown }> {
    const { connection } = this.#options;
    // The client would keep it in memory until a server is there, without a bound.
    if (connection.state === 'disconnected')
      return { error: fail('storage-failed', { detail: 'no NATS server answers' }) };
    try {
      return { value: await attempt() };
    } catch (error) {
      if (isTransient(error)) connection.suspect();
      return { error };
    }
  }

  /** Between half and all of it: those who wait for one broker do not ask all at once. */
  async #pause(pauseMs: number): Promise<void> {
    const { clock, random, closing } = this.#options;
    // Aborted: the next look at `closing` says so.
    await sleep(clock, pauseMs * (0.5 + random.fraction() / 2), { signal: closing }).catch(() => {});
  }
}
