import type { EnvironmentKeyText } from '@lambent/contracts';
import type { Clock, LambentError } from '@lambent/core';

/**
 * What placement has just refused, by key: whoever else comes for it is answered the same without asking again. Past
 * a limit each question would cost more than the calls that can still be taken.
 */
export class Refusals {
  readonly #clock: Clock;
  /** In the order in which they end. */
  readonly #byKey = new Map<EnvironmentKeyText, Refusal>();

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  add(key: EnvironmentKeyText, error: LambentError): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [past, { untilMs }] of this.#byKey) {
      if (nowMs < untilMs && this.#byKey.size < KEYS_MAX) break;
      this.#byKey.delete(past);
    }
    this.#byKey.delete(key);
    this.#byKey.set(key, { error, untilMs: nowMs + VALID_MS });
  }

  /** Placement says otherwise now. */
  delete(key: EnvironmentKeyText): void {
    this.#byKey.delete(key);
  }

  of(key: EnvironmentKeyText): LambentError | undefined {
    const refusal = this.#byKey.get(key);
    return refusal && this.#clock.monotonicMs() < refusal.untilMs ? refusal.error : undefined;
  }
}

interface Refusal {
  readonly error: LambentError;
  readonly untilMs: number;
}

/** How often workers report: before, placement could hardly say anything else. */
const VALID_MS = 100;
/** Far more than one router asks about in that time; who is forgotten is asked about. */
const KEYS_MAX = 10_000;
