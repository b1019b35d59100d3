import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * Time that moves only when told to. Timers due at the same instant fire in the order they were set; promise
 * callbacks started by one timer run before the next fires, so a run is repeatable.
 */
export class SimulatedClock implements Clock {
  #elapsedMs = 0;
  #order = 0;
  readonly #startMs: number;
  readonly #pending = new Set<Pending>();

  constructor(options: { startMs?: number } = {}) {
    this.#startMs = options.startMs ?? 1_700_000_000_000;
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const pending = { atMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#pending.add(pending);
    const cancel = () => void this.#pending.delete(pending);
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Moves time on by `ms`, firing what falls due on the way. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settle();
    for (let next = this.#earliest(endMs); next; next = this.#earliest(endMs)) {
      this.#pending.delete(next);
      this.#elapsedMs = next.atMs;
      next.fire();
      await settle();
    }
    this.#elapsedMs = endMs;
  }

  #earliest(endMs: number): Pending | undefined {
    let best: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.atMs > endMs) continue;
      if (!best || pending.atMs < best.atMs || (pending.atMs === best.atMs && pending.order < best.order))
        best = pending;
    }
    return best;
  }
}

/** One turn of the event loop: every promise callback already due has run. */
function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
