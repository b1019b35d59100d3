import { type Clock, isFailure, sleep } from '@lambent/core';
import type { Logger } from '@lambent/daemon';

const RETRY_MS = 1_000;

export interface PatienceOptions {
  /** Which servers, for whoever reads the log. */
  readonly servers: string;
  readonly patienceMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Aborted: the process is wanted no more, and so is this. */
  readonly closing: AbortSignal;
}

/** Opens what others serve, again and again for as long as nobody answers; a refusal is final at once. */
export async function patiently<T>(open: () => Promise<T>, options: PatienceOptions): Promise<T> {
  const { servers, patienceMs, clock, logger, closing } = options;
  const giveUpAtMs = clock.monotonicMs() + patienceMs;
  for (let tries = 1; ; tries += 1) {
    try {
      return await open();
    } catch (error) {
      const hopeless = !isFailure(error) || error.code !== 'unavailable';
      if (hopeless || clock.monotonicMs() + RETRY_MS > giveUpAtMs) throw error;
      if (tries === 1) logger.warn({ err: error, servers, patienceMs }, 'waiting for servers');
    }
    await sleep(clock, RETRY_MS, { signal: closing });
  }
}
