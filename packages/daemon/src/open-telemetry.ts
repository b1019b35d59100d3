import { type Clock, sleep } from '@lambent/core';
import { NULL_SPAN } from './null-telemetry.ts';
import type { OtelTracing } from './otel-tracing.ts';
import type { Telemetry } from './telemetry.ts';
import { tracingWanted } from './tracing-wanted.ts';

export interface OpenTelemetryOptions {
  /** `OTEL_SERVICE_NAME` wins over it. */
  readonly serviceName: string;
  /** Says whether anybody wants traces. The SDK itself reads the process's own variables. */
  readonly env: NodeJS.ProcessEnv;
  readonly clock: Clock;
}

/** How long a closing service waits for a collector that does not answer; what is not sent by then is lost. */
const FLUSH_TIMEOUT_MS = 3_000;

/**
 * Metrics always, since reading them costs only whoever reads; traces when the OTEL_ variables name somewhere to
 * send them. Without, a span is one shared object and starting it is one comparison.
 */
export async function openTelemetry(options: OpenTelemetryOptions): Promise<Telemetry> {
  const serviceName = options.env['OTEL_SERVICE_NAME'] || options.serviceName;
  // Loaded here, since whoever only wants a logger of this package should not pay for either.
  const { OtelMetrics } = await import('./otel-metrics.ts');
  const tracing = tracingWanted(options.env)
    ? await (await import('./otel-tracing.ts')).OtelTracing.open(serviceName)
    : undefined;
  const metrics = new OtelMetrics(serviceName);
  let closed: Promise<void> | undefined;
  const close = async () => {
    await Promise.all([metrics[Symbol.asyncDispose](), tracing && flush(tracing, options.clock)]);
  };
  return {
    tracing: tracing !== undefined,
    startSpan: tracing ? (name, span) => tracing.startSpan(name, span) : () => NULL_SPAN,
    counter: (name, description) => metrics.counter(name, description),
    histogram: (name, description, unit) => metrics.histogram(name, description, unit),
    gauge: (...gauge) => metrics.gauge(...gauge),
    exposition: () => metrics.exposition(),
    [Symbol.asyncDispose]: () => (closed ??= close()),
  };
}

/** An unreachable collector is no reason to stay, nor to fail: the spans are lost, which tracing allows. */
async function flush(tracing: OtelTracing, clock: Clock): Promise<void> {
  const abandoned = new AbortController();
  const sent = tracing.shutdown().then(
    () => abandoned.abort(),
    () => abandoned.abort(),
  );
  await Promise.race([sent, sleep(clock, FLUSH_TIMEOUT_MS, { signal: abandoned.signal }).catch(() => {})]);
}
