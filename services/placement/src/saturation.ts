import type { Clock } from '@lambent/core';

/**
 * Whether a limit is truly used up. Reports are up to 100 ms old, so a slot that was just freed looks used; but while
 * somebody waits who could take it, the next reports tell of it. So only a wait that outlasted the reports, with no
 * sign of a free slot, proves that more is wanted than there is. What is proven holds for a second, or until a sign.
 */
export class Saturation {
  readonly #clock: Clock;
  /** By limit. */
  readonly #freedMs = new Map<string, number>();
  readonly #provenUntilMs = new Map<string, number>();

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /** A slot of it was seen free. */
  freed(limitId: string): void {
    this.#freedMs.set(limitId, this.#clock.monotonicMs());
    this.#provenUntilMs.delete(limitId);
  }

  /** No slot was found for somebody who has waited so long. */
  proven(limitId: string, waitedMs: number): boolean {
    const nowMs = this.#clock.monotonicMs();
    const freedMs = this.#freedMs.get(limitId) ?? Number.NEGATIVE_INFINITY;
    if (waitedMs >= PROOF_MS && nowMs - freedMs >= PROOF_MS)
      this.#provenUntilMs.set(limitId, nowMs + PROVEN_MS);
    return nowMs < (this.#provenUntilMs.get(limitId) ?? Number.NEGATIVE_INFINITY);
  }
}

/** Two reports, and well below the 250 ms after which a router asks again. */
const PROOF_MS = 200;
const PROVEN_MS = 1_000;
