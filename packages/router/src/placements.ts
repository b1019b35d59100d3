import type { Clock } from '@lambent/core';
import { byRendezvous } from '@lambent/membership';

/**
 * The replicas of placement there are, and whom to ask first. One that did not answer, or could not, is asked last for a moment;
 * then one question finds out whether it is back, while all others still pass it by.
 */
export class Placements {
  readonly #clock: Clock;
  #addresses: readonly string[];
  readonly #passedByUntilMs = new Map<string, number>();

  /** Addresses that never change need no `set`. */
  constructor(options: { readonly clock: Clock; readonly addresses?: readonly string[] }) {
    this.#clock = options.clock;
    this.#addresses = options.addresses ?? [];
  }

  /** The replicas seen now. None at all says only that nobody renews its session: those last seen are kept. */
  set(addresses: readonly string[]): void {
    if (addresses.length === 0) return;
    this.#addresses = [...addresses];
    for (const address of this.#passedByUntilMs.keys())
      if (!addresses.includes(address)) this.#passedByUntilMs.delete(address);
  }

  /** Who is asked about a limit: the one responsible, then those who stand in for it. */
  inOrder(limitId: string): string[] {
    const nowMs = this.#clock.monotonicMs();
    const passedBy = (address: string) => (this.#passedByUntilMs.get(address) ?? 0) > nowMs;
    const ranked = byRendezvous(limitId, this.#addresses);
    const order = [...ranked.filter(address => !passedBy(address)), ...ranked.filter(passedBy)];
    const [first] = order;
    if (first !== undefined && this.#passedByUntilMs.has(first)) this.failed(first);
    return order;
  }

  answered(address: string): void {
    this.#passedByUntilMs.delete(address);
  }

  failed(address: string): void {
    this.#passedByUntilMs.set(address, this.#clock.monotonicMs() + PASSED_BY_MS);
  }
}

/** One that died is gone from the members after 5 s; one that stumbled is back before. */
const PASSED_BY_MS = 2_000;
