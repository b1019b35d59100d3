import type { Meter } from '@opentelemetry/api';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';
import { BoundedLabels, METRIC_FUNCTIONS_MAX } from './bounded-labels.ts';
import type { Counter, Histogram, Labels } from './telemetry.ts';

/** From under a millisecond (a warm invocation) to the fifteen minutes a function may take. */
const SECONDS_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900,
];
/** From an empty event to the largest payload. */
const BYTES_BUCKETS = [256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 6_291_556];
/** Combinations of label values per metric: every function with a few outcomes each. */
const SERIES_MAX = 8 * METRIC_FUNCTIONS_MAX;

/** Metrics on OpenTelemetry's SDK, read as Prometheus text. Nothing listens: whoever has a port serves the text. */
export class OtelMetrics implements AsyncDisposable {
  readonly #reader = new PrometheusExporter({ preventServerStart: true });
  readonly #serializer = new PrometheusSerializer('', false, undefined, true, true);
  readonly #provider: MeterProvider;
  readonly #meter: Meter;
  readonly #labels = new BoundedLabels();

  constructor(serviceName: string) {
    this.#provider = new MeterProvider({
      readers: [this.#reader],
      views: [{ instrumentName: '*', aggregationCardinalityLimit: SERIES_MAX }],
    });
    this.#meter = this.#provider.getMeter(serviceName);
  }

  counter(name: string, description: string): Counter {
    const counter = this.#meter.createCounter(name, { description });
    return { add: (amount, labels) => counter.add(amount, this.#labels.bound(labels)) };
  }

  histogram(name: string, description: string, unit: 's' | 'By'): Histogram {
    const explicitBucketBoundaries = unit === 's' ? SECONDS_BUCKETS : BYTES_BUCKETS;
    const histogram = this.#meter.createHistogram(name, {
      description,
      unit,
      advice: { explicitBucketBoundaries },
    });
    return { record: (value, labels) => histogram.record(value, this.#labels.bound(labels)) };
  }

  gauge(name: string, description: string, observe: () => number, labels?: Labels): void {
    const bounded = this.#labels.bound(labels);
    const gauge = this.#meter.createObservableGauge(name, { description });
    gauge.addCallback(result => result.observe(observe(), bounded));
  }

  async exposition(): Promise<string> {
    const { resourceMetrics } = await this.#reader.collect();
    return this.#serializer.serialize(resourceMetrics);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#provider.shutdown();
  }
}
