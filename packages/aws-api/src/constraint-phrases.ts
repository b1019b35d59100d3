import assert from 'node:assert/strict';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-error.ts';
import type { Constraint } from './constraint.ts';

/** One thing a value must satisfy, and how AWS says that it does not. */
export interface Phrase {
  readonly text: string;
  readonly holds: (value: unknown) => boolean;
}

/** AWS repeats the whole value; a value longer than this is cut, so that a refusal stays small. */
const VALUE_TEXT_MAX = 8_192;

/** In the order in which AWS lists what the members of a collection must satisfy. */
export function phrasesFor(constraint: Constraint, schema: NormalizedSchema): readonly Phrase[] {
  if (schema.isNumericSchema()) return valuePhrases(constraint);
  const lengths = lengthPhrases(constraint);
  if (!schema.isStringSchema()) return lengths;
  return [...lengths, ...enumPhrases(constraint), ...patternPhrases(constraint)];
}

/** Java's way of writing a value, which is how AWS's messages show it: `[a, b]`, `{key=value}`. */
export function wireText(value: unknown): string {
  const text = javaText(value);
  return text.length > VALUE_TEXT_MAX ? `${text.slice(0, VALUE_TEXT_MAX)}...` : text;
}

function javaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, VALUE_TEXT_MAX).map(javaText).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value).slice(0, VALUE_TEXT_MAX + 1);
  const entries = Object.entries(value).slice(0, VALUE_TEXT_MAX);
  return `{${entries.map(([key, item]) => `${key}=${javaText(item)}`).join(', ')}}`;
}

function valuePhrases({ min, max, integer }: Constraint): Phrase[] {
  const phrases: Phrase[] = [];
  // AWS writes the bounds of what may have a fraction as 1.0.
  const bound = (value: number) => (integer || !Number.isInteger(value) ? `${value}` : value.toFixed(1));
  if (integer) phrases.push({ text: '', holds: assertInteger });
  if (max !== undefined)
    phrases.push({
      text: `Member must have value less than or equal to ${bound(max)}`,
      holds: value => (value as number) <= max,
    });
  if (min !== undefined)
    phrases.push({
      text: `Member must have value greater than or equal to ${bound(min)}`,
      holds: value => (value as number) >= min,
    });
  return phrases;
}

/** Not a broken constraint but a broken type, found here because only the table knows the type. */
function assertInteger(value: unknown): true {
  if (Number.isInteger(value)) return true;
  throw new AwsError('SerializationException', 'NUMBER_VALUE can not be converted to an Integer');
}

function lengthPhrases({ min, max }: Constraint): Phrase[] {
  const phrases: Phrase[] = [];
  if (max !== undefined)
    phrases.push({
      text: `Member must have length less than or equal to ${max}`,
      holds: value => lengthOf(value) <= max,
    });
  if (min !== undefined)
    phrases.push({
      text: `Member must have length greater than or equal to ${min}`,
      holds: value => lengthOf(value) >= min,
    });
  return phrases;
}

function enumPhrases({ enum: values }: Constraint): Phrase[] {
  if (!values) return [];
  const set = new Set<unknown>(values);
  return [
    { text: `Member must satisfy enum value set: [${values.join(', ')}]`, holds: value => set.has(value) },
  ];
}

function patternPhrases({ pattern }: Constraint): Phrase[] {
  if (pattern === undefined) return [];
  // Classes of letters are only known where text is read as Unicode.
  const whole = new RegExp(`^(?:${pattern})$`, pattern.includes('\\p{') ? 'u' : '');
  return [
    {
      text: `Member must satisfy regular expression pattern: ${pattern}`,
      holds: value => whole.test(value as string),
    },
  ];
}

function lengthOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value) || value instanceof Uint8Array) return value.length;
  assert(typeof value === 'object' && value !== null);
  return Object.keys(value).length;
}
