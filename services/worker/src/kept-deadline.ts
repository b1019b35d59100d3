import type { Clock, Timer } from '@lambent/core';

/** Whoever enforces the end of this process and of all that it has started. */
export interface Keeper {
  /** Unless this is called again before that monotonic time, all of it is killed then. */
  renew(untilMs: number): void;
}

export interface KeptDeadlineOptions {
  readonly keeper: Keeper;
  readonly clock: Clock;
  /** Whether anything runs that must not outlive the lease. */
  readonly busy: () => boolean;
}

/**
 * Tells the keeper again and again how long this process may go on without saying so again: as long as a process may
 * hang, and while anything runs not beyond the end of the lease that it runs under. A worker that is stopped cannot end
 * what it runs; its keeper can.
 */
export class KeptDeadline implements Disposable {
  readonly #options: KeptDeadlineOptions;
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  /** What the keeper goes by now. */
  #toldMs = Number.POSITIVE_INFINITY;
  #timer: Timer | undefined;

  constructor(options: KeptDeadlineOptions) {
    this.#options = options;
    this.#tell();
  }

  /** The lease was renewed. */
  held(untilMs: number): void {
    this.#heldUntilMs = untilMs;
    this.#tell();
  }

  /** Something runs from now on, or nothing any more. Called before it runs. */
  changed(): void {
    const { busy, clock } = this.#options;
    const late = busy() ? this.#toldMs > this.#endMs : this.#toldMs < clock.monotonicMs() + HANG_MS / 2;
    if (late) this.#tell();
  }

  /** Whatever is left to close may take as long as a process may hang. */
  [Symbol.dispose](): void {
    this.#timer?.cancel();
    const { keeper, clock } = this.#options;
    keeper.renew(clock.monotonicMs() + HANG_MS);
  }

  /** A message takes its way, too. */
  get #endMs(): number {
    return this.#heldUntilMs - MESSAGE_MS;
  }

  #tell(): void {
    const { keeper, clock, busy } = this.#options;
    const nowMs = clock.monotonicMs();
    this.#toldMs = Math.min(
      nowMs + HANG_MS,
      busy() ? Math.max(nowMs, this.#endMs) : Number.POSITIVE_INFINITY,
    );
    keeper.renew(this.#toldMs);
    this.#timer?.cancel();
    this.#timer = clock.setTimer(TELL_EVERY_MS, () => this.#tell());
  }
}

/** An event loop that stood still this long hangs, and is not only busy. */
const HANG_MS = 60_000;
const TELL_EVERY_MS = 10_000;
const MESSAGE_MS = 50;
