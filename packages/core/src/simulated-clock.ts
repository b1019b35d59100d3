import type { Clock, Timer } from './clock.ts';

interface Pending {
  readonly atMs: number;
  readonly order: number;
  /** Undefined once it fired or was cancelled. */
  fire: (() => void) | undefined;
}

/**
 * Time that moves only when told to. Timers due at the same instant fire in the order they were set; promise
 * callbacks started by one timer run before the next fires, so a run is repeatable.
 */
export class SimulatedClock implements Clock {
  #elapsedMs = 0;
  #order = 0;
  #waiting = 0;
  readonly #startMs: number;
  /** A binary heap, the earliest first; those cancelled stay until they come up. */
  readonly #heap: Pending[] = [];

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
    const atMs = this.#elapsedMs + Math.max(0, delayMs);
    const pending: Pending = { atMs, order: this.#order++, fire };
    this.#waiting += 1;
    this.#push(pending);
    const cancel = () => {
      if (pending.fire) this.#waiting -= 1;
      pending.fire = undefined;
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** How many timers wait. */
  get pendingTimers(): number {
    return this.#waiting;
  }

  /** Moves time on by `ms`, firing what falls due on the way. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#elapsedMs + ms;
    await settle();
    for (let next = this.#due(endMs); next; next = this.#due(endMs)) {
      this.#elapsedMs = next.atMs;
      this.#waiting -= 1;
      const { fire } = next;
      next.fire = undefined;
      fire?.();
      await settle();
    }
    this.#elapsedMs = endMs;
  }

  /** The earliest that is due by then, taken out. */
  #due(endMs: number): Pending | undefined {
    for (let [head] = this.#heap; head && head.atMs <= endMs; [head] = this.#heap) {
      this.#pop();
      if (head.fire) return head;
    }
    return undefined;
  }

  #push(pending: Pending): void {
    const heap = this.#heap;
    let hole = heap.push(pending) - 1;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      const above = heap[parent] as Pending;
      if (isBefore(above, pending)) break;
      heap[hole] = above;
      hole = parent;
    }
    heap[hole] = pending;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let hole = 0;
    for (let child = 1; child < heap.length; child = 2 * hole + 1) {
      const [left, right] = [heap[child] as Pending, heap[child + 1]];
      const least = right && isBefore(right, left) ? right : left;
      if (isBefore(last, least)) break;
      heap[hole] = least;
      hole = least === left ? child : child + 1;
    }
    heap[hole] = last;
  }
}

function isBefore(left: Pending, right: Pending): boolean {
  return left.atMs < right.atMs || (left.atMs === right.atMs && left.order < right.order);
}

/** One turn of the event loop: every promise callback already due has run. */
function settle(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}
