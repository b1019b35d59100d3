import type { Clock, Timer } from './clock.ts';

/**
 * A moment after which nobody waits any more, with a signal that says so. `using deadline = Deadline.after(…)`
 * takes its timer back at the end of the scope. Aborting the parent aborts it too.
 */
export class Deadline implements Disposable {
  readonly signal: AbortSignal;
  readonly #clock: Clock;
  readonly #atMs: number;
  readonly #timer: Timer;
  readonly #release: () => void;

  private constructor(clock: Clock, delayMs: number, parent?: AbortSignal) {
    const controller = new AbortController();
    const follow = () => controller.abort(parent?.reason);
    this.signal = controller.signal;
    this.#clock = clock;
    this.#atMs = clock.monotonicMs() + delayMs;
    this.#timer = clock.setTimer(delayMs, () => controller.abort(new DeadlineExceeded(delayMs)));
    if (parent?.aborted) follow();
    else parent?.addEventListener('abort', follow, { once: true });
    this.#release = () => parent?.removeEventListener('abort', follow);
  }

  static after(clock: Clock, delayMs: number, parent?: AbortSignal): Deadline {
    return new Deadline(clock, delayMs, parent);
  }

  /** Milliseconds left; 0 once it has passed. */
  get remainingMs(): number {
    return Math.max(0, this.#atMs - this.#clock.monotonicMs());
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
    this.#release();
  }
}

/** The reason of a deadline's signal. */
export class DeadlineExceeded extends Error {
  override readonly name = 'DeadlineExceeded';

  constructor(delayMs: number) {
    super(`not done within ${delayMs} ms`);
  }
}
