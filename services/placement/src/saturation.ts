import type { Clock } from '@lambent/core';

/**
 * Whether a limit is truly used up. Reports are up to 100 ms old, and of different moments: a slot that was just freed
 * looks used. But as long as fewer are in flight than the limit allows, whoever waits faces an unused slot all the
 * while, and the reports of half a second show it. So only a wait that outlasts them, with never as many slots unused
 * as wait, proves that more is wanted than there is: by all those who wait but for as many as there were unused slots.
 * What is proven holds for a second, or until so many are unused. Then it is old: it still holds for all but one, who
 * waits on to prove it anew, for as long as that takes.
 */
export class Saturation {
  readonly #clock: Clock;
  readonly #limits = new Map<string, Observed>();

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
  }

  /** Whether it is time to look at that limit again. */
  isDue(limitId: string): boolean {
    const latest = this.#limits.get(limitId)?.samples.at(-1);
    return !latest || this.#clock.monotonicMs() - latest.atMs >= SAMPLE_EVERY_MS;
  }

  /** So many slots of it are unused, as the latest reports tell. */
  observe(limitId: string, unused: number): void {
    const nowMs = this.#clock.monotonicMs();
    const observed = this.#limits.get(limitId) ?? { samples: [], proven: undefined };
    this.#limits.set(limitId, observed);
    const latest = observed.samples.at(-1);
    if (latest && nowMs - latest.atMs < SAMPLE_EVERY_MS) latest.unused = Math.max(latest.unused, unused);
    else observed.samples.push({ atMs: nowMs, unused });
    while ((observed.samples[0]?.atMs ?? nowMs) < nowMs - PROOF_MS) observed.samples.shift();
    if (observed.proven && unused >= observed.proven.waiting) observed.proven = undefined;
  }

  /** The most slots of it that were unused at once in the last half second: so many who wait have one to hope for. */
  mostUnused(limitId: string): number {
    const samples = this.#limits.get(limitId)?.samples ?? [];
    return Math.max(0, ...samples.map(({ unused }) => unused));
  }

  /** There is no such limit any more. */
  forget(limitId: string): void {
    this.#limits.delete(limitId);
  }

  /** No slot was found for so many, of whom the first has waited so long. */
  proofOf(
    limitId: string,
    { waiting, waitedMs }: { readonly waiting: number; readonly waitedMs: number },
  ): Proof {
    const observed = this.#limits.get(limitId);
    if (!observed) return 'none';
    const nowMs = this.#clock.monotonicMs();
    const neverEnough = observed.samples.every(({ unused }) => unused < waiting);
    if (waitedMs >= PROOF_MS && neverEnough) observed.proven = { waiting, untilMs: nowMs + PROVEN_MS };
    const pastMs = nowMs - (observed.proven?.untilMs ?? Number.NEGATIVE_INFINITY);
    if (pastMs < 0) return 'good';
    return pastMs < RENEWAL_MS ? 'old' : 'none';
  }
}

/** Whether a limit is certain to be used up. */
export type Proof = 'good' | 'old' | 'none';

interface Observed {
  /** Of the last half second, oldest first: at most one for each `SAMPLE_EVERY_MS`. */
  readonly samples: { readonly atMs: number; unused: number }[];
  proven: { readonly waiting: number; readonly untilMs: number } | undefined;
}

/** Five reports of each worker, and what a router that asks every 250 ms has waited when it asks for the third time. */
const PROOF_MS = 500;
const PROVEN_MS = 1_000;
/** Until the one who waits on has asked for the third time. */
const RENEWAL_MS = 2 * PROOF_MS;
/** Several to a report, however many workers there are. */
const SAMPLE_EVERY_MS = 20;
