/**
 * Tells whoever waits that something may have changed. Read `rings`, look, and wait with that number: a ring
 * between the look and the wait is not missed.
 */
export class Doorbell {
  #rings = 0;
  readonly #waiting = new Set<() => void>();

  get rings(): number {
    return this.#rings;
  }

  ring(): void {
    this.#rings += 1;
    for (const wake of this.#waiting) wake();
  }

  /** Resolves at the first ring after `rings` was read, or when the signal is aborted. */
  next(rings: number, signal: AbortSignal): Promise<void> {
    if (this.#rings !== rings || signal.aborted) return Promise.resolve();
    return new Promise(resolve => {
      const wake = () => {
        this.#waiting.delete(wake);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      this.#waiting.add(wake);
      signal.addEventListener('abort', wake, { once: true });
    });
  }
}
