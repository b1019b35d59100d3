import type { EnvironmentKeyText } from '@lambent/contracts';
import type { Clock } from '@lambent/core';

/**
 * How many invocations wait for a key over all routers. Each router's number is absolute and stands until its next,
 * or until the router has been silent for longer than it repeats itself.
 */
export class Demand {
  readonly #clock: Clock;
  readonly #byKey = new Map<EnvironmentKeyText, Map<string, { waiting: number; atMs: number }>>();

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Takes one router's number; returns the sum. */
  state(key: EnvironmentKeyText, routerId: string, waiting: number): number {
    const nowMs = this.#clock.monotonicMs();
    this.#forgetStale(nowMs);
    const routers = this.#byKey.get(key) ?? new Map<string, { waiting: number; atMs: number }>();
    routers.set(routerId, { waiting, atMs: nowMs });
    this.#byKey.set(key, routers);
    let sum = 0;
    for (const stated of routers.values()) sum += stated.waiting;
    return sum;
  }

  #forgetStale(nowMs: number): void {
    for (const [key, routers] of this.#byKey) {
      for (const [routerId, stated] of routers) {
        if (nowMs - stated.atMs > STALE_AFTER_MS) routers.delete(routerId);
      }
      if (routers.size === 0) this.#byKey.delete(key);
    }
  }
}

/** Routers repeat themselves every 250 ms while somebody waits. */
const STALE_AFTER_MS = 600;
