import { Latency } from './latency.ts';
import type { Outcome } from './outcome.ts';
import { Counter } from './tally.ts';

/** What happened within one interval. */
export interface SeriesRow {
  /** Of the interval's beginning, since the run began. */
  readonly atSeconds: number;
  /** How long it was: the last may be shorter than the others. */
  readonly seconds: number;
  readonly sent: number;
  readonly unsent: number;
  readonly ok: number;
  readonly cold: number;
  readonly throttled: number;
  /** Failures of functions and errors of the platform. */
  readonly bad: number;
  /** Of the good answers that came in this interval. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export interface SeriesOptions {
  /** The run's own beginning. */
  readonly originMs: number;
  readonly intervalMs: number;
  /** Handed each interval in which anything happened, when it is over. The first begins when the series does. */
  readonly take: (row: SeriesRow) => void;
}

/** Calls as they happen, told interval by interval: holds one interval, however long it lasts. */
export class Series {
  readonly #options: SeriesOptions;
  readonly #latency = new Latency();
  #beginMs = 0;
  #interval = -1;
  #counter = new Counter();

  constructor(options: SeriesOptions) {
    this.#options = options;
  }

  begin(nowMs: number): void {
    this.#beginMs = nowMs;
  }

  sent(nowMs: number): void {
    this.#reach(nowMs);
    this.#counter.sent(0);
  }

  unsent(nowMs: number): void {
    this.#reach(nowMs);
    this.#counter.unsent();
  }

  ended(nowMs: number, outcome: Outcome, latencyMs: number): void {
    this.#reach(nowMs);
    this.#counter.ended(outcome);
    if (outcome.kind === 'ok') this.#latency.record(latencyMs);
  }

  /** Tells of the interval there is. */
  flush(nowMs: number): void {
    const { originMs, intervalMs, take } = this.#options;
    const { sent, unsent, ok, cold, throttled, failed, error } = this.#counter.tally();
    const fromMs = this.#beginMs + this.#interval * intervalMs;
    if (this.#interval >= 0)
      take({
        atSeconds: (fromMs - originMs) / 1_000,
        seconds: Math.min(intervalMs, nowMs - fromMs) / 1_000,
        ...{ sent, unsent, ok, cold, throttled, bad: failed + error },
        p50Ms: this.#latency.atMs(50),
        p99Ms: this.#latency.atMs(99),
        maxMs: this.#latency.summary().maxMs,
      });
    this.#interval = -1;
    this.#counter = new Counter();
    this.#latency.reset();
  }

  #reach(nowMs: number): void {
    const interval = Math.floor((nowMs - this.#beginMs) / this.#options.intervalMs);
    if (interval === this.#interval) return;
    this.flush(nowMs);
    this.#interval = interval;
  }
}
