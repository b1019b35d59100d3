import type { RequestContext } from '@lambent/aws-api';
import type { Clock, Random } from '@lambent/core';
import {
  newXAmznTraceId,
  parseXAmznTraceId,
  type Span,
  type Telemetry,
  traceparentFromXAmznTraceId,
  xAmznTraceIdFromTraceparent,
} from '@lambent/daemon';

/** What is traced of one invocation here: the request as a whole, and what a function is told of it. */
export interface InvocationTrace {
  readonly span: Span;
  /** `X-Amzn-Trace-Id`, for the function and for the answer. */
  readonly header: string;
}

/** W3C's `traceparent` wins over AWS's header; a request without either begins a trace. */
export function beginTrace(
  context: RequestContext,
  options: { readonly telemetry: Telemetry; readonly clock: Clock; readonly random: Random },
): InvocationTrace {
  const { telemetry } = options;
  const incoming = headerText(context, 'x-amzn-trace-id');
  const span = telemetry.startSpan('lambent.gateway', {
    kind: 'server',
    traceparent: telemetry.tracing ? parentOf(context, incoming) : undefined,
  });
  const header = telemetry.tracing ? xAmznTraceIdFromTraceparent(span.traceparent(), incoming) : undefined;
  return { span, header: header ?? known(incoming) ?? newXAmznTraceId(options.clock, options.random) };
}

function parentOf(context: RequestContext, incoming: string): string {
  return headerText(context, 'traceparent') || traceparentFromXAmznTraceId(incoming);
}

/** A header that is not one is not passed on to functions. */
function known(incoming: string): string | undefined {
  return incoming !== '' && parseXAmznTraceId(incoming) ? incoming : undefined;
}

function headerText(context: RequestContext, name: string): string {
  const value = context.headers[name];
  return typeof value === 'string' ? value : '';
}
