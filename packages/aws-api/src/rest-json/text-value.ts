import assert from 'node:assert/strict';
import type { NormalizedSchema } from '@smithy/core/schema';
import { splitHeader } from '@smithy/core/serde';
import { AwsError } from '../aws-error.ts';
import { compileTimestampReader, compileTimestampWriter, type TimestampFormat } from '../timestamp.ts';

/** Where a value is written as text. */
export type TextPlace = 'label' | 'query' | 'header';

const TIMESTAMPS: Readonly<Record<TextPlace, TimestampFormat>> = {
  label: 'date-time',
  query: 'date-time',
  header: 'http-date',
};

/** Reads what one label, query parameter or header says. */
export function compileTextReader(schema: NormalizedSchema, place: TextPlace): (text: string) => unknown {
  if (schema.isStringSchema()) return text => text;
  if (schema.isNumericSchema()) return readNumber;
  if (schema.isBooleanSchema()) return readBoolean;
  if (schema.isTimestampSchema()) return compileTimestampReader(schema, TIMESTAMPS[place]);
  if (schema.isListSchema()) {
    const read = compileTextReader(schema.getValueSchema(), place);
    return text => splitHeader(text).map(item => read(item));
  }
  return assert.fail(`no text is known for ${schema.getName(true)}`);
}

/** Writes the value of one header of an answer. */
export function compileTextWriter(schema: NormalizedSchema): (value: unknown) => string {
  if (schema.isTimestampSchema()) {
    const write = compileTimestampWriter(schema, TIMESTAMPS.header);
    return value => write(value as Date);
  }
  if (schema.isListSchema()) {
    const write = compileTextWriter(schema.getValueSchema());
    return value => (value as unknown[]).map(item => write(item)).join(', ');
  }
  return String;
}

const NUMBER = /^-?\d{1,19}(\.\d{1,19})?$/;

function readNumber(text: string): number {
  if (!NUMBER.test(text)) throw mismatch('an Integer');
  return Number(text);
}

function readBoolean(text: string): boolean {
  if (text !== 'true' && text !== 'false') throw mismatch('a Boolean');
  return text === 'true';
}

function mismatch(type: string): AwsError {
  return new AwsError('SerializationException', `STRING_VALUE can not be converted to ${type}`);
}
