import type { Clock } from '@lambent/core';

/**
 * How fast a function may grow: so many new environments in ten seconds, all at once or one by one. What was taken
 * comes back continuously, and never more than that. Kept by the replica that is asked; one that stands in for it
 * begins with everything.
 */
export class ScalingRate {
  readonly #clock: Clock;
  readonly #most: number;
  /** In the order in which they were last taken from, so that those that are full again stand first. */
  readonly #buckets = new Map<string, Bucket>();

  constructor(options: { readonly clock: Clock; readonly scalingPer10s: number }) {
    this.#clock = options.clock;
    this.#most = options.scalingPer10s;
  }

  /** How many of so many the function may start now; that many are taken. */
  take(functionId: string, wanted: number): number {
    const nowMs = this.#clock.monotonicMs();
    this.#forgetFull(nowMs);
    const bucket = this.#buckets.get(functionId);
    const refilled = bucket ? bucket.left + (this.#most * (nowMs - bucket.atMs)) / REFILL_MS : this.#most;
    const left = Math.min(this.#most, refilled);
    const taken = Math.min(wanted, Math.floor(left));
    this.#buckets.delete(functionId);
    this.#buckets.set(functionId, { left: left - taken, atMs: nowMs });
    return taken;
  }

  /** Functions that have taken something of late. */
  get size(): number {
    return this.#buckets.size;
  }

  #forgetFull(nowMs: number): void {
    for (const [functionId, { atMs }] of this.#buckets) {
      if (nowMs - atMs < REFILL_MS && this.#buckets.size < BUCKETS_MAX) return;
      this.#buckets.delete(functionId);
    }
  }
}

interface Bucket {
  readonly left: number;
  readonly atMs: number;
}

const REFILL_MS = 10_000;
/** All functions that a cell may have. */
const BUCKETS_MAX = 100_000;
