import type { Outcome } from './outcome.ts';

/** What became of the calls that were due. */
export interface Tally {
  /** Sent and unsent. */
  readonly due: number;
  /** Too many were under way already. */
  readonly unsent: number;
  readonly sent: number;
  /** Sent later than its time by more than `LATE_MS`: the harness itself was behind. */
  readonly late: number;
  readonly ok: number;
  /** Those of the good answers that an environment was started for. */
  readonly cold: number;
  readonly throttled: number;
  readonly failed: number;
  readonly error: number;
  /** Given up when the run was ended early. */
  readonly unanswered: number;
  /** Failures and errors by their names. */
  readonly errors: Readonly<Record<string, number>>;
}

/** Timers count whole milliseconds; this is well beyond their grain. */
export const LATE_MS = 10;
/** Different names that are counted each for itself. */
const NAMES_MAX = 50;
const OTHERS = 'others';

/** Counts. At every moment due = unsent + sent, and sent = ok + throttled + failed + error + unanswered. */
export class Counter {
  #unsent = 0;
  #sent = 0;
  #late = 0;
  #cold = 0;
  readonly #ended = { ok: 0, throttled: 0, failed: 0, error: 0 };
  readonly #errors = new Map<string, number>();

  unsent(): void {
    this.#unsent += 1;
  }

  sent(lagMs: number): void {
    this.#sent += 1;
    if (lagMs > LATE_MS) this.#late += 1;
  }

  ended(outcome: Outcome): void {
    this.#ended[outcome.kind] += 1;
    if (outcome.kind === 'ok' && outcome.cold) this.#cold += 1;
    if (outcome.kind === 'failed' || outcome.kind === 'error') this.#name(outcome.error);
  }

  tally(): Tally {
    const { ok, throttled, failed, error } = this.#ended;
    return {
      due: this.#sent + this.#unsent,
      unsent: this.#unsent,
      sent: this.#sent,
      late: this.#late,
      ok,
      cold: this.#cold,
      throttled,
      failed,
      error,
      unanswered: this.#sent - ok - throttled - failed - error,
      errors: Object.fromEntries(this.#errors),
    };
  }

  #name(error: string): void {
    const name = this.#errors.has(error) || this.#errors.size < NAMES_MAX ? error : OTHERS;
    this.#errors.set(name, (this.#errors.get(name) ?? 0) + 1);
  }
}

const NOTHING: Tally = new Counter().tally();

export function addTallies(tallies: readonly Tally[]): Tally {
  const sum = (count: Exclude<keyof Tally, 'errors'>) =>
    tallies.reduce((total, tally) => total + tally[count], 0);
  const errors: Record<string, number> = {};
  for (const tally of tallies)
    for (const [name, count] of Object.entries(tally.errors)) errors[name] = (errors[name] ?? 0) + count;
  const names = Object.keys(NOTHING).filter(name => name !== 'errors') as Exclude<keyof Tally, 'errors'>[];
  return { ...NOTHING, ...Object.fromEntries(names.map(name => [name, sum(name)])), errors };
}
