import { build, type Histogram } from 'hdr-histogram-js';

/** Three digits, up to half an hour: longer than any function may run. 90 KB each. */
const DIGITS = 3;
const LONGEST_US = 1_800_000_000;

/** Points of the percentile curve, closer together towards the slowest. */
const CURVE_PERCENTILES = [
  ...[0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 96, 97, 98],
  ...[99, 99.25, 99.5, 99.75, 99.9, 99.95, 99.99, 99.999],
];

export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

export interface CurvePoint {
  readonly percentile: number;
  readonly ms: number;
}

/** How long things took: counted in a histogram of bounded size and error, so that every one of them is in it. */
export class Latency {
  readonly #histogram: Histogram = build({
    bitBucketSize: 32,
    numberOfSignificantValueDigits: DIGITS,
    highestTrackableValue: LONGEST_US,
  });

  record(ms: number): void {
    this.#histogram.recordValue(Math.min(LONGEST_US, Math.max(0, Math.round(ms * 1_000))));
  }

  add(other: Latency): void {
    this.#histogram.add(other.#histogram);
  }

  reset(): void {
    this.#histogram.reset();
  }

  /** What `percentile` percent took no longer than; 0 where there is nothing. */
  atMs(percentile: number): number {
    const { totalCount, maxValue } = this.#histogram;
    // It gives the upper end of what it cannot tell apart, which may be beyond the slowest there was.
    return totalCount === 0
      ? 0
      : Math.min(maxValue, this.#histogram.getValueAtPercentile(percentile)) / 1_000;
  }

  summary(): LatencySummary {
    const { totalCount: count, mean, maxValue } = this.#histogram;
    return {
      count,
      meanMs: count === 0 ? 0 : mean / 1_000,
      p50Ms: this.atMs(50),
      p90Ms: this.atMs(90),
      p99Ms: this.atMs(99),
      p999Ms: this.atMs(99.9),
      maxMs: count === 0 ? 0 : maxValue / 1_000,
    };
  }

  /** Ends with the slowest; a percentile that so few measurements do not reach is left out. */
  curve(): readonly CurvePoint[] {
    const { count, maxMs } = this.summary();
    if (count === 0) return [];
    const reached = CURVE_PERCENTILES.filter(percentile => (1 - percentile / 100) * count >= 1);
    return [
      ...reached.map(percentile => ({ percentile, ms: this.atMs(percentile) })),
      { percentile: 100, ms: maxMs },
    ];
  }
}
