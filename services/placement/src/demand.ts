import type { EnvironmentKeyText } from '@lambent/contracts';
import type { Clock } from '@lambent/core';

/**
 * How many invocations wait for a key over all routers. Each router's number is absolute and stands until its next,
 * or until the router has been silent for longer than it repeats itself.
 */
export class Demand {
  readonly #clock: Clock;
  /** In the order in which somebody last asked for them, so that what went stale stands first. */
  readonly #byKey = new Map<EnvironmentKeyText, KeyDemand>();

  constructor(options: { clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Takes one router's number; returns the sum. */
  state(key: EnvironmentKeyText, routerId: string, waiting: number): number {
    const nowMs = this.#clock.monotonicMs();
    this.#forgetStale(nowMs);
    const { routers } = this.#byKey.get(key) ?? { routers: new Map<string, Statement>() };
    routers.set(routerId, { waiting, atMs: nowMs });
    for (const [id, { atMs }] of routers) if (nowMs - atMs > STALE_AFTER_MS) routers.delete(id);
    this.#byKey.delete(key);
    this.#byKey.set(key, { routers, atMs: nowMs });
    return sumOf(routers);
  }

  /** Over all keys. */
  get waiting(): number {
    this.#forgetStale(this.#clock.monotonicMs());
    let sum = 0;
    for (const { routers } of this.#byKey.values()) sum += sumOf(routers);
    return sum;
  }

  #forgetStale(nowMs: number): void {
    for (const [key, { atMs }] of this.#byKey) {
      if (nowMs - atMs <= STALE_AFTER_MS && this.#byKey.size < KEYS_MAX) return;
      this.#byKey.delete(key);
    }
  }
}

interface Statement {
  readonly waiting: number;
  readonly atMs: number;
}

interface KeyDemand {
  readonly routers: Map<string, Statement>;
  /** Of the latest statement. */
  readonly atMs: number;
}

function sumOf(routers: ReadonlyMap<string, Statement>): number {
  let sum = 0;
  for (const { waiting } of routers.values()) sum += waiting;
  return sum;
}

/** Routers repeat themselves every 250 ms while somebody waits. */
const STALE_AFTER_MS = 600;
/** More than all routers of a cell can have waiting; a key that is forgotten is stated again. */
const KEYS_MAX = 32_000;
