import type { IncomingHttpHeaders } from 'node:http';
import type { Clock, Random } from '@lambent/core';
import {
  newXAmznTraceId,
  parseXAmznTraceId,
  type Span,
  type Telemetry,
  traceparentFromXAmznTraceId,
  xAmznTraceIdFromTraceparent,
} from '@lambent/daemon';

/** The trace that a request says it belongs to, unchecked; empty where it says nothing. */
export interface TraceInput {
  /** W3C's. */
  readonly traceparent: string;
  /** AWS's. */
  readonly xAmznTraceId: string;
}

/** What is traced of one invocation here: the request as a whole, and what a function is told of it. */
export interface InvocationTrace {
  readonly span: Span;
  /** `X-Amzn-Trace-Id`, for the function and for the answer. */
  readonly header: string;
}

/** W3C's `traceparent` wins over AWS's header; a request without either begins a trace. */
export function beginTrace(
  { traceparent, xAmznTraceId }: TraceInput,
  options: { readonly telemetry: Telemetry; readonly clock: Clock; readonly random: Random },
): InvocationTrace {
  const { telemetry } = options;
  const incoming = SENDABLE.test(xAmznTraceId) ? xAmznTraceId.trim() : '';
  const span = telemetry.startSpan('lambent.gateway', {
    kind: 'server',
    traceparent: telemetry.tracing ? traceparent || traceparentFromXAmznTraceId(incoming) : undefined,
  });
  const header = telemetry.tracing ? xAmznTraceIdFromTraceparent(span.traceparent(), incoming) : undefined;
  return { span, header: header ?? known(incoming) ?? newXAmznTraceId(options.clock, options.random) };
}

export function traceInputOf(headers: IncomingHttpHeaders): TraceInput {
  return {
    traceparent: headerText(headers, 'traceparent'),
    xAmznTraceId: headerText(headers, 'x-amzn-trace-id'),
  };
}

/**
 * What functions can be handed as a header, whatever the door let through. AWS's own are below 200 characters; a
 * longer one would travel with every attempt.
 */
const SENDABLE = /^[\x20-\x7e]{0,1024}$/;

/** A header that is not one is not passed on to functions. */
function known(incoming: string): string | undefined {
  return incoming !== '' && parseXAmznTraceId(incoming) ? incoming : undefined;
}

function headerText(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  return typeof value === 'string' ? value : '';
}
