export {
  type AdminHandler,
  AdminListener,
  type AdminListenerOptions,
  type Readiness,
} from './admin-listener.ts';
export { type Endpoint, readEndpointFile, writeEndpointFile } from './endpoint-file.ts';
export { EXIT_CODES, type ExitCode, exitCodeOf, isFinal } from './exit-codes.ts';
export { type LifecycleOptions, runLifecycle } from './lifecycle.ts';
export { createLogger, LOG_LEVELS, type Logger, type LoggerOptions, type LogLevel } from './logger.ts';
export { isLoopback, requireLoopback } from './loopback.ts';
export { nearestName } from './nearest-name.ts';
export { nullTelemetry } from './null-telemetry.ts';
export { type OpenTelemetryOptions, openTelemetry } from './open-telemetry.ts';
export {
  type ConfigField,
  type ConfigFields,
  type ConfigOf,
  choice,
  flag,
  integer,
  readConfig,
  readConfigs,
  redactConfig,
  text,
} from './read-config.ts';
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
