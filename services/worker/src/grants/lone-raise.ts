import type { Clock, Timer } from '@lambent/core';

export interface LoneRaiseOptions {
  readonly clock: Clock;
  /** Whether more slots would be used now. */
  readonly wanted: () => boolean;
  /** Raises by a block. Whether any slots came of it. */
  readonly raise: () => Promise<boolean>;
}

/**
 * Raises a grant unasked where slots are wanted and placement, whose turn it is to say so, is silent: the transaction
 * keeps to the limit whoever raises. Waits 0.3 s for advice, and longer each time that it raised in vain.
 */
export class LoneRaise implements Disposable {
  readonly #options: LoneRaiseOptions;
  #delayMs = ADVICE_MS;
  #timer: Timer | undefined;
  #closed = false;

  constructor(options: LoneRaiseOptions) {
    this.#options = options;
  }

  /** Slots may be wanted. */
  consider(): void {
    if (this.#closed || this.#timer || !this.#options.wanted()) return;
    this.#timer = this.#options.clock.setTimer(this.#delayMs, () => void this.#try());
  }

  /** Placement has spoken; it is waited for anew, and so long. */
  advised(quietMs: number = ADVICE_MS): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#delayMs = quietMs;
    this.consider();
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  async #try(): Promise<void> {
    const timer = this.#timer;
    const raised = this.#options.wanted() && (await this.#options.raise());
    // Advised meanwhile.
    if (this.#timer !== timer) return;
    this.#timer = undefined;
    if (raised) this.#delayMs = AGAIN_MS;
    else this.#delayMs = this.#options.wanted() ? Math.min(DELAY_MS_MAX, 2 * this.#delayMs) : ADVICE_MS;
    this.consider();
  }
}

/** Several times what a turn takes. */
const ADVICE_MS = 300;
/** Placement has not spoken for a while: further blocks need not wait as long. */
const AGAIN_MS = 50;
/** At the limit every worker that is busy reads it again and again. */
const DELAY_MS_MAX = 5_000;
