export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel } from './logger.ts';
export { nullTelemetry } from './null-telemetry.ts';
export { type OpenTelemetryOptions, openTelemetry } from './open-telemetry.ts';
export type { Counter, Histogram, Labels, Span, SpanOptions, Telemetry } from './telemetry.ts';
export { formatTraceparent, parseTraceparent, type TraceParent } from './traceparent.ts';
export {
  formatXAmznTraceId,
  newXAmznTraceId,
  parseXAmznTraceId,
  traceparentFromXAmznTraceId,
  type XAmznTraceId,
  xAmznTraceIdFromTraceparent,
} from './x-amzn-trace-id.ts';
