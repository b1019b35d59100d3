import type { Clock } from '@lambent/core';

/**
 * Whether a replica knows enough of the fleet to advise: once nine of ten workers have reported, and in any case two
 * seconds after its start. Before that it would crowd those who were quickest to report.
 */
export class Acquaintance {
  readonly #clock: Clock;
  readonly #sinceMs: number;
  #made = false;

  constructor(options: { readonly clock: Clock }) {
    this.#clock = options.clock;
    this.#sinceMs = this.#clock.monotonicMs();
  }

  made(fleet: Iterable<string>, hasReported: (workerId: string) => boolean): boolean {
    if (this.#made) return true;
    const workers = [...fleet];
    const reported = workers.filter(hasReported).length;
    const waited = this.#clock.monotonicMs() - this.#sinceMs >= WAIT_MS_MAX;
    this.#made = waited || reported >= workers.length * ENOUGH;
    return this.#made;
  }
}

const ENOUGH = 0.9;
const WAIT_MS_MAX = 2_000;
