import type { Random } from '@lambent/core';

/** When the next call is due, counted from the start of its phase, and which copy of the function it is for. */
export interface Arrival {
  readonly atMs: number;
  readonly copy: number;
}

/** Calls that come by themselves, whatever became of those before: in order of time, as long as they are asked for. */
export type Arrivals = Iterable<Arrival>;

export type Spacing = 'even' | 'random';

export interface RampOptions {
  readonly durationMs: number;
  /** Calls per second at the beginning, and at the end; equal for a steady rate. */
  readonly from: number;
  readonly to: number;
  /** `random`: as independent callers come, a Poisson process of that rate. */
  readonly spacing: Spacing;
  readonly copies: number;
  readonly random: Random;
}

/** A rate that is steady, or goes evenly from one to another. Copies are called in turn. */
export function* rampArrivals(options: RampOptions): Generator<Arrival> {
  const { durationMs, from, to, spacing, copies, random } = options;
  // The calls due until t are N(t) = from·t + (to − from)·t²/2T: each one's time is where N reaches the next number.
  const growth = (to - from) / durationMs / 1_000;
  const start = from / 1_000;
  const reached = (calls: number) =>
    Math.abs(growth) < Number.EPSILON
      ? calls / start
      : (Math.sqrt(Math.max(0, start * start + 2 * growth * calls)) - start) / growth;
  const total = (durationMs * (from + to)) / 2_000;
  const gap = () => (spacing === 'even' ? 1 : -Math.log(1 - random.fraction()));
  let calls = spacing === 'even' ? 0 : gap();
  for (let number = 0; calls < total; number += 1, calls += gap()) {
    yield { atMs: reached(calls), copy: number % copies };
  }
}

export interface BurstOptions {
  readonly durationMs: number;
  readonly calls: number;
  readonly everyMs: number;
  readonly copies: number;
}

/** So many at once, again and again. */
export function* burstArrivals({ durationMs, calls, everyMs, copies }: BurstOptions): Generator<Arrival> {
  for (let atMs = 0; atMs < durationMs; atMs += everyMs) {
    for (let number = 0; number < calls; number += 1) yield { atMs, copy: number % copies };
  }
}

export interface TraceOptions {
  readonly durationMs: number;
  /** Invocations of each function in each interval: one row for each copy. */
  readonly counts: readonly (readonly number[])[];
  /** Of one interval as it is played. */
  readonly intervalMs: number;
  readonly random: Random;
}

/** What a trace recorded per interval, spread over each at random, as the trace does not say where in it they were. */
export function* traceArrivals({ durationMs, counts, intervalMs, random }: TraceOptions): Generator<Arrival> {
  for (let interval = 0; interval * intervalMs < durationMs; interval += 1) {
    const inInterval = counts.flatMap((row, copy) =>
      Array.from({ length: row[interval] ?? 0 }, () => ({
        atMs: (interval + random.fraction()) * intervalMs,
        copy,
      })),
    );
    inInterval.sort((a, b) => a.atMs - b.atMs);
    for (const arrival of inInterval) if (arrival.atMs < durationMs) yield arrival;
  }
}
