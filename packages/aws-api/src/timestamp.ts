import type { NormalizedSchema } from '@smithy/core/schema';
import {
  _parseEpochTimestamp,
  _parseRfc3339DateTimeWithOffset,
  _parseRfc7231DateTime,
  dateToUtcString,
} from '@smithy/core/serde';
import { AwsError } from './aws-error.ts';

export type TimestampFormat = 'date-time' | 'http-date' | 'epoch-seconds';

/** The kinds of timestamp a schema may be; the first leaves the form to where the value stands. */
const BY_KIND: Readonly<Record<number, TimestampFormat | undefined>> = {
  5: 'date-time',
  6: 'http-date',
  7: 'epoch-seconds',
};

export function compileTimestampReader(
  schema: NormalizedSchema,
  otherwise: TimestampFormat,
): (value: unknown) => Date {
  const format = formatOf(schema, otherwise);
  return value => {
    try {
      return parse(format, value);
    } catch (cause) {
      throw new AwsError('SerializationException', 'Value can not be converted to a Timestamp', { cause });
    }
  };
}

export function compileTimestampWriter(
  schema: NormalizedSchema,
  otherwise: TimestampFormat,
): (value: Date) => string {
  switch (formatOf(schema, otherwise)) {
    case 'date-time':
      return value => value.toISOString();
    case 'http-date':
      return dateToUtcString;
    case 'epoch-seconds':
      return value => String(value.getTime() / 1_000);
  }
}

function formatOf(schema: NormalizedSchema, otherwise: TimestampFormat): TimestampFormat {
  return BY_KIND[schema.getSchema() as number] ?? otherwise;
}

function parse(format: TimestampFormat, value: unknown): Date {
  const date =
    format === 'date-time'
      ? _parseRfc3339DateTimeWithOffset(value)
      : format === 'http-date'
        ? _parseRfc7231DateTime(value)
        : _parseEpochTimestamp(value);
  if (!date || Number.isNaN(date.getTime())) throw new RangeError('not a moment');
  return date;
}
