import type { EnvironmentKeyText } from '@lambent/contracts';

/**
 * How soon an environment of a key may be started again after its starts failed: 1, 2, 4, 8 s. Pure: it is told
 * the time. Starts that fail together count as one failure.
 */
export class StartBackoff {
  /** In order of the last failure, oldest first. */
  readonly #failing = new Map<EnvironmentKeyText, { failures: number; untilMs: number }>();

  mayStart(key: EnvironmentKeyText, nowMs: number): boolean {
    return nowMs >= (this.#failing.get(key)?.untilMs ?? 0);
  }

  failed(key: EnvironmentKeyText, nowMs: number): void {
    const known = this.#failing.get(key);
    if (known && nowMs < known.untilMs) return;
    const failures = (known?.failures ?? 0) + 1;
    const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (failures - 1), DELAY_MS_MAX);
    this.#failing.delete(key);
    this.#failing.set(key, { failures, untilMs: nowMs + delayMs });
    const [oldest] = this.#failing.keys();
    if (this.#failing.size > KEYS_MAX && oldest !== undefined) this.#failing.delete(oldest);
  }

  succeeded(key: EnvironmentKeyText): void {
    this.#failing.delete(key);
  }
}

const FIRST_DELAY_MS = 1_000;
/** Shorter than a router lets an invocation wait (20 s): each then sees the version's own error, not a lack of room. */
const DELAY_MS_MAX = 8_000;
/** Forgetting a failing version costs it one start too many. */
const KEYS_MAX = 10_000;
