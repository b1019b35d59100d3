import type { Division } from '@lambent/membership';
import { Violation } from './violation.ts';

/** How many slots of each limit all workers hold, and of all limits each worker. */
export interface Granted {
  readonly byLimit: ReadonlyMap<string, number>;
  readonly byWorker: ReadonlyMap<string, number>;
}

/**
 * Sees every change of the limits and of the grants in the registry, and says at once when an invariant does not hold:
 *
 * - the parts of the account never hold more than there is, but for a while after it became smaller;
 * - of no part more is granted than it holds, and no grant is raised above what may be used.
 */
export class LimitsObserver {
  readonly #nowMs: () => number;
  readonly #termMs: number;
  #division: Division | undefined;
  #granted: Granted = { byLimit: new Map(), byWorker: new Map() };
  readonly #account = new History();
  /** By function, as long as it has one. */
  readonly #reservations = new Map<string, History>();

  constructor(options: { readonly nowMs: () => number; readonly termMs: number }) {
    this.#nowMs = options.nowMs;
    this.#termMs = options.termMs;
  }

  grantedTo(worker: string): number {
    return this.#granted.byWorker.get(worker) ?? 0;
  }

  /** The highest concurrency of the account that anybody may still act on. */
  get accountBound(): number {
    return this.#account.bound(this.#nowMs() - this.#termMs);
  }

  /**
   * The highest reservation of that function that anybody may still act on; undefined while somebody may not have heard
   * that there is one.
   */
  reservedBound(functionId: string): number | undefined {
    const sinceMs = this.#nowMs() - this.#termMs - WATCH_MS;
    const history = this.#reservations.get(functionId);
    return history && history.fromMs <= sinceMs ? history.bound(sinceMs) : undefined;
  }

  /** Everything as it is now. */
  changed(division: Division, granted: Granted): void {
    const before = this.#granted;
    const heldBefore = heldOf(this.#division);
    this.#division = division;
    this.#granted = granted;
    this.#remember(division);
    const held = heldOf(division);
    if (held > division.concurrency && held > heldBefore)
      throw new Violation(`the parts hold ${held} of the account's ${division.concurrency}`);
    for (const [limitId, slots] of granted.byLimit) {
      const part = division.parts.get(limitId) ?? { wanted: 0, held: 0 };
      if (slots > part.held)
        throw new Violation(`${slots} are granted of ${limitId}, which holds ${part.held}`);
      if (slots > part.wanted && slots > (before.byLimit.get(limitId) ?? 0))
        throw new Violation(`grants of ${limitId} were raised to ${slots}, and ${part.wanted} are wanted`);
    }
  }

  #remember(division: Division): void {
    const nowMs = this.#nowMs();
    this.#account.add(division.concurrency, nowMs);
    for (const [functionId, { reserved }] of division.parts) {
      if (reserved === undefined) continue;
      const history = this.#reservations.get(functionId) ?? new History();
      history.add(reserved, nowMs);
      this.#reservations.set(functionId, history);
    }
    for (const functionId of this.#reservations.keys())
      if (division.reservedOf(functionId) === undefined) this.#reservations.delete(functionId);
  }
}

/** What a limit was, and from when on. */
class History {
  readonly #values: { readonly slots: number; readonly fromMs: number }[] = [];

  get fromMs(): number {
    return this.#values[0]?.fromMs ?? Number.POSITIVE_INFINITY;
  }

  add(slots: number, fromMs: number): void {
    if (this.#values.at(-1)?.slots !== slots) this.#values.push({ slots, fromMs });
  }

  /** The highest it has been since then. */
  bound(sinceMs: number): number {
    let bound = 0;
    this.#values.forEach(({ slots }, index) => {
      const untilMs = this.#values[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      if (untilMs >= sinceMs) bound = Math.max(bound, slots);
    });
    return bound;
  }
}

function heldOf(division: Division | undefined): number {
  let sum = 0;
  for (const { held } of division?.parts.values() ?? []) sum += held;
  return sum;
}

/** A watch that broke is mended by then. */
const WATCH_MS = 1_000;
