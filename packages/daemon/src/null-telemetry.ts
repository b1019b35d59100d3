import type { Span, Telemetry } from './telemetry.ts';

/** The span of whatever is not traced: it holds nothing, so that one serves everybody. */
export const NULL_SPAN: Span = Object.freeze({
  traceparent: () => '',
  set: () => {},
  fail: () => {},
  end: () => {},
});

/** Telemetry that keeps nothing, for tests. */
export function nullTelemetry(): Telemetry {
  return {
    tracing: false,
    startSpan: () => NULL_SPAN,
    counter: () => ({ add: () => {} }),
    histogram: () => ({ record: () => {} }),
    gauge: () => {},
    exposition: async () => '',
    [Symbol.asyncDispose]: async () => {},
  };
}
