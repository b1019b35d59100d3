import type { Clock, Timer } from '@lambent/core';

export interface TurnsOptions {
  readonly clock: Clock;
  /** How many slots whoever is next may raise by; 0: there are none, or it is not for this replica to say. */
  readonly block: () => number;
  /** Tells the worker. False: it is not there. */
  readonly give: (workerId: string, turn: { readonly slots: number; readonly turn: bigint }) => boolean;
}

/**
 * Who raises its grant of one limit next: one at a time, so that raises do not meet, in the order in which they
 * wanted. A turn ends when its worker says so, leaves, or has had it for a second.
 */
export class Turns implements Disposable {
  readonly #options: TurnsOptions;
  readonly #waiting = new Set<string>();
  /** Who has just raised in vain, and until when it is not asked again. */
  readonly #restUntilMs = new Map<string, number>();
  #out: { readonly workerId: string; readonly turn: bigint; readonly timer: Timer } | undefined;
  #given = 0n;

  constructor(options: TurnsOptions) {
    this.#options = options;
  }

  /** How many wait for theirs. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** It wants more than it has. Whoever wants already keeps its place. */
  want(workerId: string): void {
    if ((this.#restUntilMs.get(workerId) ?? 0) > this.#options.clock.monotonicMs()) return;
    this.#restUntilMs.delete(workerId);
    this.#waiting.add(workerId);
    this.wake();
  }

  /** It has what it wants. */
  content(workerId: string): void {
    this.#waiting.delete(workerId);
  }

  /** It raised, or tried. Nothing happens when it was not its turn any more. */
  ended(
    workerId: string,
    turn: bigint,
    outcome: { readonly raised: boolean; readonly wanted: number },
  ): void {
    if (this.#out?.workerId !== workerId || this.#out.turn !== turn) return;
    this.#waiting.delete(workerId);
    if (!outcome.raised) this.#restUntilMs.set(workerId, this.#options.clock.monotonicMs() + REST_MS);
    else if (outcome.wanted > 0) this.#waiting.add(workerId);
    this.#pass();
  }

  left(workerId: string): void {
    this.#waiting.delete(workerId);
    this.#restUntilMs.delete(workerId);
    if (this.#out?.workerId === workerId) this.#pass();
  }

  /** There may be something to give now. */
  wake(): void {
    while (!this.#out && this.#waiting.size > 0) {
      const slots = this.#options.block();
      const [workerId] = this.#waiting;
      if (slots === 0 || workerId === undefined) return;
      this.#waiting.delete(workerId);
      const turn = ++this.#given;
      if (!this.#options.give(workerId, { slots, turn })) continue;
      const timer = this.#options.clock.setTimer(TURN_MS_MAX, () => this.#pass());
      this.#out = { workerId, turn, timer };
    }
  }

  [Symbol.dispose](): void {
    this.#waiting.clear();
    this.#out?.timer.cancel();
  }

  #pass(): void {
    this.#out?.timer.cancel();
    this.#out = undefined;
    this.wake();
  }
}

/** A raise is one transaction: milliseconds, and a second when the registry has trouble. */
const TURN_MS_MAX = 1_000;
/** After raising in vain: another turn at once would hold up others, and trouble the registry. */
const REST_MS = 250;
