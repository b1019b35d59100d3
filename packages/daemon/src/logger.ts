import { SystemClock } from '@lambent/core';
import { type DestinationStream, pino } from 'pino';
import { LogOutput } from './log-output.ts';

/**
 * The services' own log: one JSON line per event on standard error. The message is a constant lower-case phrase,
 * what varies is a field, an error stands under `err`. What functions print is data and never comes here.
 *
 * Writing never waits for the reader of the log; what still waits is written when the process exits. A log that cannot
 * be written, on a full disk for one, loses lines and nothing else.
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
  const logger: Logger = pino(
    {
      level: options.level,
      base: { service: options.service, pid: process.pid },
      formatters: { level: label => ({ level: label }) },
      redact: {
        paths: SECRET_FIELDS.flatMap(field => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
    },
    options.destination ??
      new LogOutput({
        fd: STANDARD_ERROR_FD,
        clock: new SystemClock(),
        recovered: dropped => logger.warn({ dropped }, 'lines of this log were dropped'),
      }),
  );
  return logger;
}
