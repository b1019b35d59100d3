import type { Clock } from '@lambent/core';
import { Latency } from './latency.ts';
import type { Outcome } from './outcome.ts';
import type { Series } from './series.ts';
import { Counter, type Tally } from './tally.ts';
import type { Target } from './target.ts';

export interface RecordingOptions {
  readonly clock: Clock;
  /** What happened when, for as long as it is wanted. */
  readonly series?: Series | undefined;
}

/** What one target did in one phase of one block. A call that is still under way when it was read counts no more. */
export class Recording {
  /** Of good answers, from when the call was due. */
  readonly latency = new Latency();
  /** Of good answers, from when the call was sent. */
  readonly service = new Latency();
  /** Between due and sent. */
  readonly lag = new Latency();
  readonly #counter = new Counter();
  readonly #clock: Clock;
  readonly #series: Series | undefined;
  #startMs = 0;
  #endMs: number | undefined;
  #okInTime = 0;
  #closed = false;

  constructor({ clock, series }: RecordingOptions) {
    this.#clock = clock;
    this.#series = series;
  }

  /** Its time begins; gives when. */
  begin(): number {
    this.#startMs = this.#clock.monotonicMs();
    this.#series?.begin(this.#startMs);
    return this.#startMs;
  }

  /** Its time is over: what is answered later counts, and does not raise the throughput. */
  endSending(): void {
    this.#endMs ??= this.#clock.monotonicMs();
  }

  /** Nothing counts any more. */
  close(): void {
    this.endSending();
    this.#series?.flush(this.#clock.monotonicMs());
    this.#closed = true;
  }

  unsent(): void {
    this.#counter.unsent();
    this.#series?.unsent(this.#clock.monotonicMs());
  }

  /** Makes one call, and records what becomes of it. */
  async call(target: Target, { dueMs, copy }: { dueMs: number; copy: number }): Promise<void> {
    const sentMs = this.#clock.monotonicMs();
    this.lag.record(sentMs - dueMs);
    this.#counter.sent(sentMs - dueMs);
    this.#series?.sent(sentMs);
    const outcome = await target.call(copy);
    if (!this.#closed) this.#end(outcome, { dueMs, sentMs });
  }

  tally(): Tally {
    return this.#counter.tally();
  }

  get seconds(): number {
    return ((this.#endMs ?? this.#clock.monotonicMs()) - this.#startMs) / 1_000;
  }

  /** Good answers per second, while it sent. */
  get throughput(): number {
    return this.seconds === 0 ? 0 : this.#okInTime / this.seconds;
  }

  #end(outcome: Outcome, { dueMs, sentMs }: { dueMs: number; sentMs: number }): void {
    const nowMs = this.#clock.monotonicMs();
    this.#counter.ended(outcome);
    this.#series?.ended(nowMs, outcome, nowMs - dueMs);
    if (outcome.kind !== 'ok') return;
    this.latency.record(nowMs - dueMs);
    this.service.record(nowMs - sentMs);
    if (this.#endMs === undefined) this.#okInTime += 1;
  }
}
