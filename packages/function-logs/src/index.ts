export type { FunctionLogs, LogRecord, LogStream, LogStreamName, ReadOptions } from './function-logs.ts';
export { NatsFunctionLogs, type NatsFunctionLogsOptions } from './nats-function-logs.ts';
export { SpooledFunctionLogs, type SpooledFunctionLogsOptions } from './spooled-function-logs.ts';
