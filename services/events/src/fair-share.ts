import type { Clock } from '@lambent/core';
import { deferralMs } from './verdict.ts';

export interface FairShareOptions {
  /** Of the places, how many one function may hold. */
  readonly max: number;
  readonly clock: Clock;
}

/** A function that holds places, or did. */
interface Holder {
  held: number;
  /** How long its places were held so far: the latest count most. Undefined: none was given back yet. */
  meanHeldMs: number | undefined;
  /** When the last of those that were sent away may find a place. */
  lastTurnMs: number;
}

/** Until a place has been given back. Short: of what runs for longer each is looked at once more, and none comes late. */
const HELD_GUESS_MS = 100;
/** Functions that hold nothing, of which the one seen first is forgotten: it only begins to guess anew. */
const IDLE_MAX = 1_000;
/** Of one more place that was given back, in the mean. */
const WEIGHT = 1 / 8;

/**
 * Places for functions to work in, so that none holds more than its share. Nobody waits here: whoever finds the share
 * held is told when to come again, as many at a time as places are given back, so that a function that many want is
 * neither idle nor looked at in vain all the time.
 */
export class FairShare {
  readonly #options: FairShareOptions;
  /** Bounded by the places there are, and `IDLE_MAX`. */
  readonly #holders = new Map<string, Holder>();

  readonly #idle = new Set<string>();

  constructor(options: FairShareOptions) {
    this.#options = options;
  }

  /** A place for this function, to be disposed of after use; undefined when it holds its share. */
  take(functionId: string): Disposable | undefined {
    const { clock, max } = this.#options;
    const takenMs = clock.monotonicMs();
    const holder = this.#holders.get(functionId) ?? newHolder(takenMs);
    if (holder.held >= max) return undefined;
    this.#holders.set(functionId, holder);
    holder.held += 1;
    this.#idle.delete(functionId);
    let taken = true;
    return {
      [Symbol.dispose]: () => {
        if (!taken) return;
        taken = false;
        holder.held -= 1;
        const heldMs = clock.monotonicMs() - takenMs;
        holder.meanHeldMs ??= heldMs;
        holder.meanHeldMs += WEIGHT * (heldMs - holder.meanHeldMs);
        if (holder.held === 0) this.#rest(functionId);
      },
    };
  }

  /** The turn of one that found the share held, behind all that did before: in how long it should come again. */
  turnInMs(functionId: string): number {
    const { clock, max } = this.#options;
    const nowMs = clock.monotonicMs();
    const holder = this.#holders.get(functionId) ?? newHolder(nowMs);
    const turnMs = Math.max(nowMs, holder.lastTurnMs) + (holder.meanHeldMs ?? HELD_GUESS_MS) / max;
    const delayMs = deferralMs(turnMs - nowMs);
    holder.lastTurnMs = Math.min(turnMs, nowMs + delayMs);
    return delayMs;
  }

  #rest(functionId: string): void {
    this.#idle.add(functionId);
    if (this.#idle.size <= IDLE_MAX) return;
    for (const first of this.#idle) {
      this.#idle.delete(first);
      this.#holders.delete(first);
      return;
    }
  }
}

function newHolder(nowMs: number): Holder {
  return { held: 0, meanHeldMs: undefined, lastTurnMs: nowMs };
}
