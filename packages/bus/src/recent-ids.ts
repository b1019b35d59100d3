import type { Clock } from '@lambent/core';

/** Repeats of a message come soon after it, if at all. */
const IDS_MAX = 1_000;

/** Ids of messages that were accepted a short while ago. */
export class RecentIds {
  readonly #clock: Clock;
  readonly #keptMs: number;
  /** In the order they came. */
  readonly #seenAtMs = new Map<string, number>();

  constructor(clock: Clock, keptMs: number) {
    this.#clock = clock;
    this.#keptMs = keptMs;
  }

  add(id: string): void {
    if (this.has(id)) return;
    this.#seenAtMs.delete(id);
    this.#seenAtMs.set(id, this.#clock.monotonicMs());
    for (const oldest of this.#seenAtMs.keys()) {
      if (this.#seenAtMs.size <= IDS_MAX) break;
      this.#seenAtMs.delete(oldest);
    }
  }

  has(id: string): boolean {
    const seenAtMs = this.#seenAtMs.get(id);
    return seenAtMs !== undefined && this.#clock.monotonicMs() - seenAtMs < this.#keptMs;
  }
}
