import { type DestinationStream, destination as openDestination, pino } from 'pino';

/**
 * The services' own log: one JSON line per event on standard error. The message is a constant lower-case phrase,
 * what varies is a field, an error stands under `err`. What functions print is data and never comes here.
 *
 * Writing never waits for the reader of the log; what is still buffered is written when the process exits.
 */
export type Logger = import('pino').Logger;

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Which service speaks: `gateway`, `worker` … */
  readonly service: string;
  /** Where lines go instead of standard error. */
  readonly destination?: DestinationStream;
}

/** Fields that may hold what an owner keeps secret, at any of the depths at which they are logged. */
const SECRET_FIELDS = [
  'authorization',
  'password',
  'payload',
  'secretAccessKey',
  'sessionToken',
  'token',
  'variables',
];

const STANDARD_ERROR_FD = 2;

export function createLogger(options: LoggerOptions): Logger {
  return pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      formatters: { level: label => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
    },
    options.destination ?? openDestination({ fd: STANDARD_ERROR_FD, sync: false }),
  );
}
