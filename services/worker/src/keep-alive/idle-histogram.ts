/**
 * How long the environments of one function were idle before they were used again, in whole minutes. Old idle times
 * count less and less: at `WEIGHT_MAX` all counts are halved. Bounded: 241 bytes, whatever it is told.
 */
export class IdleHistogram {
  readonly #counts = new Uint8Array(IDLE_MINUTES_MAX + 1);
  #total = 0;

  record(idleMs: number): void {
    const minute = Math.min(IDLE_MINUTES_MAX, Math.floor(idleMs / MINUTE_MS));
    this.#counts[minute] = this.#count(minute) + 1;
    this.#total += 1;
    if (this.#total >= WEIGHT_MAX) this.#halve();
  }

  /**
   * By minute: the chance that an environment which was idle until then is used within it. A neighbouring minute counts
   * half, since what comes every ten minutes comes a little early or late; a function of which little is known is
   * like the others, which are the less likely used the longer they were idle: one in 6, 8, 10 … within a minute.
   */
  hazards(): Float64Array {
    const hazards = new Float64Array(IDLE_MINUTES_MAX);
    let longer = this.#total;
    for (let minute = 0; minute < IDLE_MINUTES_MAX; minute += 1) {
      const near = this.#count(minute) + (this.#count(minute - 1) + this.#count(minute + 1)) / 2;
      const prior = PRIOR_WEIGHT / (6 + 2 * minute);
      hazards[minute] = (near + prior) / (Math.max(longer, near) + PRIOR_WEIGHT);
      longer -= this.#count(minute);
    }
    return hazards;
  }

  #count(minute: number): number {
    return this.#counts[minute] ?? 0;
  }

  #halve(): void {
    this.#total = 0;
    for (const [minute, count] of this.#counts.entries()) {
      this.#counts[minute] = count >> 1;
      this.#total += count >> 1;
    }
  }
}

export const MINUTE_MS = 60_000;
/** Four hours: what comes more rarely starts cold, as a day's memory for a minute's work would cost more. */
export const IDLE_MINUTES_MAX = 240;
/** Fits a byte for each minute; after a change of habit the new one outweighs the old within as many uses. */
const WEIGHT_MAX = 128;
/** As much as two idle times of its own. */
const PRIOR_WEIGHT = 2;
