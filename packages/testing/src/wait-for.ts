import { SystemClock, sleep } from '@lambent/core';

/** How often a real process is asked again: short beside what it takes it to change, cheap beside what it costs. */
const POLL_MS = 25;
/** Long enough for two busy cores; a test that knows better says so. */
const TIMEOUT_MS = 15_000;

/**
 * Waits until `condition` gives something other than undefined, null or false, and gives that. A condition that
 * throws has not come true yet; after the timeout its last error is the cause.
 */
export async function waitFor<T>(
  what: string,
  condition: () => T | Promise<T>,
  options: { readonly timeoutMs?: number } = {},
): Promise<NonNullable<Exclude<T, false>>> {
  const clock = new SystemClock();
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS;
  const giveUpAtMs = clock.monotonicMs() + timeoutMs;
  let cause: unknown;
  do {
    try {
      const value = await condition();
      if (value !== undefined && value !== null && value !== false) {
        return value as NonNullable<Exclude<T, false>>;
      }
    } catch (error) {
      cause = error;
    }
    await sleep(clock, POLL_MS);
  } while (clock.monotonicMs() < giveUpAtMs);
  throw new Error(`waited ${timeoutMs} ms in vain: ${what}`, { cause });
}
