/**
 * Spans and metrics, behind one small noun so that a service costs nothing when nobody listens.
 *
 * Promises: with tracing off, `startSpan` returns one shared span that does nothing and `traceparent()` is empty.
 * Instruments are made once, at start; recording never throws and never waits. Label values come from bounded
 * sets (function names are bounded by `METRIC_FUNCTIONS_MAX`, further ones are counted as "other").
 */
export interface Telemetry extends AsyncDisposable {
  readonly tracing: boolean;
  startSpan(name: string, options?: SpanOptions): Span;
  counter(name: string, description: string): Counter;
  histogram(name: string, description: string, unit: 's' | 'By'): Histogram;
  /** Read when metrics are collected. Several may have one name, each with labels of its own. */
  gauge(name: string, description: string, observe: () => number, labels?: Labels): void;
  /** The Prometheus text exposition of everything so far. */
  exposition(): Promise<string>;
}

export interface SpanOptions {
  /** W3C `traceparent` of the parent, from a header or a message. */
  readonly traceparent?: string | undefined;
  readonly attributes?: Labels;
  readonly kind?: 'server' | 'internal' | 'client' | 'consumer' | 'producer';
}

export interface Span {
  /** W3C `traceparent` for whoever continues this trace; empty when not traced. */
  traceparent(): string;
  set(attributes: Labels): void;
  fail(errorType: string): void;
  end(): void;
}

export interface Counter {
  add(amount: number, labels?: Labels): void;
}

export interface Histogram {
  record(value: number, labels?: Labels): void;
}

export type Labels = Readonly<Record<string, string | number | boolean>>;
