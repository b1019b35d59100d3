import assert from 'node:assert/strict';
import type { NormalizedSchema } from '@smithy/core/schema';
import { AwsError } from './aws-error.ts';
import { readBase64 } from './base64.ts';
import { compileTimestampReader } from './timestamp.ts';

/** Makes of parsed JSON the value of a member. It is never given null, which stands for an absent member. */
export type ReadJson = (value: unknown) => unknown;

/**
 * Compiles the reader of one schema, so that no schema is walked per request. The library's own codec reads too,
 * but it takes any type for any other, and lets unknown members through where a `__type` is among them.
 */
export function compileJsonReader(schema: NormalizedSchema): ReadJson {
  return compile(schema, new Map());
}

/** Reads only these members of a structure: the others are bound elsewhere, and their names mean nothing here. */
export function compileJsonMembersReader(schema: NormalizedSchema, names: ReadonlySet<string>): ReadJson {
  const members = [...schema.structIterator()].filter(([name]) => names.has(name));
  const structures = new Map();
  return structureReader(members.map(([name, member]) => memberReader(name, member, structures)));
}

/** `structures` lets a schema contain itself. */
function compile(schema: NormalizedSchema, structures: Map<unknown, ReadJson>): ReadJson {
  if (schema.isStructSchema()) return compileStructure(schema, structures);
  if (schema.isListSchema()) return compileList(compile(schema.getValueSchema(), structures));
  if (schema.isMapSchema()) return compileMap(compile(schema.getValueSchema(), structures));
  if (schema.isStringSchema())
    return value => (typeof value === 'string' ? value : refuse(value, 'a String'));
  if (schema.isNumericSchema())
    return value => (typeof value === 'number' ? value : refuse(value, 'an Integer'));
  if (schema.isBooleanSchema())
    return value => (typeof value === 'boolean' ? value : refuse(value, 'a Boolean'));
  if (schema.isBlobSchema())
    return value => (typeof value === 'string' ? readBase64(value) : refuse(value, 'a Blob'));
  if (schema.isTimestampSchema()) return compileTimestampReader(schema, 'epoch-seconds');
  if (schema.isDocumentSchema()) return value => value;
  return assert.fail(`no JSON is known for ${schema.getName(true)}`);
}

function compileStructure(schema: NormalizedSchema, structures: Map<unknown, ReadJson>): ReadJson {
  const known = structures.get(schema.getSchema());
  if (known) return known;
  const members: MemberReader[] = [];
  const read = structureReader(members);
  structures.set(schema.getSchema(), read);
  for (const [name, member] of schema.structIterator()) members.push(memberReader(name, member, structures));
  return read;
}

interface MemberReader {
  readonly name: string;
  readonly key: string;
  readonly read: ReadJson;
}

function memberReader(
  name: string,
  schema: NormalizedSchema,
  structures: Map<unknown, ReadJson>,
): MemberReader {
  return { name, key: schema.getMergedTraits().jsonName ?? name, read: compile(schema, structures) };
}

function structureReader(members: readonly MemberReader[]): ReadJson {
  return value => {
    if (!isObject(value)) return refuseShape(value, 'Expected null');
    const structure: Record<string, unknown> = {};
    for (const { name, key, read } of members) {
      if (!Object.hasOwn(value, key)) continue;
      const member = value[key];
      if (member !== null) structure[name] = read(member);
    }
    return structure;
  };
}

/** Elements that are null are dropped, as AWS does. */
function compileList(read: ReadJson): ReadJson {
  return value => {
    if (!Array.isArray(value)) return refuseShape(value, 'Expected list or null');
    return value.filter(item => item !== null).map(item => read(item));
  };
}

/** Built from entries, so that a key named `__proto__` is a key like any other. */
function compileMap(read: ReadJson): ReadJson {
  return value => {
    if (!isObject(value)) return refuseShape(value, 'Expected map or null');
    const entries = Object.entries(value).filter(([, item]) => item !== null);
    return Object.fromEntries(entries.map(([key, item]) => [key, read(item)]));
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(value: unknown, type: string): never {
  return refuseShape(value, `${kindOf(value)} can not be converted to ${type}`);
}

/** `ofScalar` is what is said of a string, a number or a boolean; lists and objects are named for themselves. */
function refuseShape(value: unknown, ofScalar: string): never {
  const text = Array.isArray(value)
    ? 'Start of list found where not expected'
    : isObject(value)
      ? 'Start of structure or map found where not expected.'
      : ofScalar;
  throw new AwsError('SerializationException', text);
}

function kindOf(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return `${(value === null ? 'null' : typeof value).toUpperCase()}_VALUE`;
}
