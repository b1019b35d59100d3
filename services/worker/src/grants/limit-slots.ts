import assert from 'node:assert/strict';
import type { Clock } from '@lambent/core';

export interface LimitSlotsOptions {
  readonly clock: Clock;
  /** How many may be used now. */
  readonly usable: () => number;
  /** One was taken, and is not used yet; or one was given back. */
  readonly changed: () => void;
}

/** How many environments start, or are ready and have served nobody yet, for somebody who waits. */
export interface Awaited {
  readonly starting: number;
  readonly ready: number;
}

/**
 * The slots of one limit as they are used here: each the right to have one invocation in flight, held until its
 * runtime asks for the next event or its process is reaped. Disposing one twice gives back once.
 */
export class LimitSlots {
  readonly #options: LimitSlotsOptions;
  #used = 0;
  /** When each invocation was last refused for want of a slot, the longest ago first. */
  readonly #refused = new Map<string, number>();

  constructor(options: LimitSlotsOptions) {
    this.#options = options;
  }

  get used(): number {
    return this.#used;
  }

  get free(): number {
    return Math.max(0, this.#options.usable() - this.#used);
  }

  /** Undefined: none is free. */
  take(requestId: string): Disposable | undefined {
    if (this.free === 0) {
      this.#refuse(requestId);
      return undefined;
    }
    this.#refused.delete(requestId);
    this.#used += 1;
    this.#options.changed();
    return new Slot(() => {
      this.#used -= 1;
      assert.ok(this.#used >= 0, 'a slot is given back once');
      this.#options.changed();
    });
  }

  /** How many more would be used now. Whoever was refused lately may be who an environment is ready for. */
  wanted({ starting, ready }: Awaited): number {
    this.#forgetOld();
    return Math.max(0, starting + Math.max(ready, this.#refused.size) - this.free);
  }

  #refuse(requestId: string): void {
    this.#forgetOld();
    this.#refused.delete(requestId);
    if (this.#refused.size < REFUSED_MAX) this.#refused.set(requestId, this.#options.clock.monotonicMs());
  }

  #forgetOld(): void {
    const sinceMs = this.#options.clock.monotonicMs() - WANTED_MS;
    for (const [requestId, refusedMs] of this.#refused) {
      if (refusedMs > sinceMs) return;
      this.#refused.delete(requestId);
    }
  }
}

class Slot implements Disposable {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  [Symbol.dispose](): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }
}

/** Who was refused has tried elsewhere or asked again by then. */
const WANTED_MS = 1_000;
/** An account's default concurrency: nobody raises by more at once. */
const REFUSED_MAX = 1_000;
