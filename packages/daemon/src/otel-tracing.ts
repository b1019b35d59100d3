import {
  type Context,
  type Span as OtelSpan,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Span, SpanOptions } from './telemetry.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';

const KINDS = {
  server: SpanKind.SERVER,
  internal: SpanKind.INTERNAL,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
  producer: SpanKind.PRODUCER,
} as const;

/**
 * Spans on OpenTelemetry's Node SDK, which reads its exporter, sampler (parent-based unless told otherwise) and
 * queue bounds from the OTEL_ variables itself. No code is instrumented by import hooks: every span is made by hand.
 */
export class OtelTracing {
  readonly #tracer: Tracer;
  readonly #shutdown: () => Promise<void>;

  private constructor(tracer: Tracer, shutdown: () => Promise<void>) {
    this.#tracer = tracer;
    this.#shutdown = shutdown;
  }

  /** Loading the SDK takes a third of a second, so it is loaded only here, when somebody listens. */
  static async open(serviceName: string): Promise<OtelTracing> {
    const { NodeSDK } = await import('@opentelemetry/sdk-node');
    const sdk = new NodeSDK({
      serviceName,
      metricReaders: [],
      logRecordProcessors: [],
      instrumentations: [],
    });
    sdk.start();
    return new OtelTracing(trace.getTracer(serviceName), () => sdk.shutdown());
  }

  startSpan(name: string, options: SpanOptions = {}): Span {
    const span = this.#tracer.startSpan(
      name,
      {
        kind: KINDS[options.kind ?? 'internal'],
        ...(options.attributes && { attributes: options.attributes }),
      },
      parentContext(options.traceparent),
    );
    return new TracedSpan(span);
  }

  /** Sends what is not yet sent. */
  shutdown(): Promise<void> {
    return this.#shutdown();
  }
}

class TracedSpan implements Span {
  readonly #span: OtelSpan;

  constructor(span: OtelSpan) {
    this.#span = span;
  }

  traceparent(): string {
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    return formatTraceparent({ traceId, spanId, sampled: (traceFlags & TraceFlags.SAMPLED) !== 0 });
  }

  set(attributes: Parameters<Span['set']>[0]): void {
    this.#span.setAttributes(attributes);
  }

  fail(errorType: string): void {
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: errorType });
    this.#span.setAttribute('error.type', errorType);
  }

  end(): void {
    this.#span.end();
  }
}

/** Contexts are handed on by value, in messages and headers: nothing relies on the one that happens to be active. */
function parentContext(traceparent: string | undefined): Context {
  const parent = traceparent ? parseTraceparent(traceparent) : undefined;
  if (!parent) return ROOT_CONTEXT;
  return trace.setSpanContext(ROOT_CONTEXT, {
    traceId: parent.traceId,
    spanId: parent.spanId,
    traceFlags: parent.sampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  });
}
