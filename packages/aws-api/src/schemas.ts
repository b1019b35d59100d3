import assert from 'node:assert/strict';
import { NormalizedSchema } from '@smithy/core/schema';

export interface OperationSchema {
  readonly name: string;
  /** Of the protocols that name an operation by method and path. */
  readonly http: HttpBinding | undefined;
  readonly input: NormalizedSchema;
  readonly output: NormalizedSchema;
}

export interface HttpBinding {
  readonly method: string;
  /** With labels in braces and, for a few, a literal query: `/2018-10-31/layers?find=LayerVersion`. */
  readonly uri: string;
  readonly status: number;
}

export interface ErrorSchema {
  readonly name: string;
  /** Its name in the protocols of forms, which is often a shorter one. */
  readonly code: string;
  readonly status: number;
  readonly schema: NormalizedSchema;
}

/** Everything a service publishes about itself. */
export interface Schemas {
  readonly operations: ReadonlyMap<string, OperationSchema>;
  readonly errors: ReadonlyMap<string, ErrorSchema>;
}

/** The tags at the head of the arrays that an AWS client exports. */
const OPERATION_TAG = 9;
const ERROR_TAG = -3;

type HttpTrait = readonly [method: string, uri: string, status: number];
interface ErrorTraits {
  readonly error?: 'client' | 'server';
  readonly httpError?: number;
  readonly awsQueryError?: readonly [code: string, status: number];
}
type StaticSchema = readonly [
  tag: number,
  namespace: string,
  name: string,
  traits: unknown,
  ...rest: unknown[],
];

/**
 * Picks the schemas out of what an AWS client module exports. They are not a documented interface, so whatever is
 * not as expected is an assertion: better no start than a wrong wire.
 */
export function collectSchemas(
  exports: object,
  options: {
    /** Where the service answers otherwise than it declares. */
    readonly statusInPractice?: Readonly<Record<string, number>>;
  } = {},
): Schemas {
  const operations = new Map<string, OperationSchema>();
  const errors = new Map<string, ErrorSchema>();
  for (const value of Object.values(exports)) {
    if (!isStaticSchema(value)) continue;
    if (value[0] === OPERATION_TAG) {
      const operation = readOperation(value);
      const status = options.statusInPractice?.[operation.name];
      const http = operation.http && status ? { ...operation.http, status } : operation.http;
      operations.set(operation.name, { ...operation, http });
    } else if (value[0] === ERROR_TAG) {
      const error = readError(value);
      if (error) errors.set(error.name, error);
    }
  }
  return { operations, errors };
}

/** How many of a structure's members are required: they stand first, and its last element counts them. */
export function requiredMembers(structure: NormalizedSchema): number {
  const schema: unknown = structure.getSchema();
  assert(Array.isArray(schema));
  const count: unknown = schema[6] ?? 0;
  assert(typeof count === 'number');
  return count;
}

function isStaticSchema(value: unknown): value is StaticSchema {
  return Array.isArray(value) && typeof value[0] === 'number' && typeof value[2] === 'string';
}

function readOperation(schema: StaticSchema): OperationSchema {
  const [, , name, traits, input, output] = schema;
  const trait = (traits as { http?: HttpTrait }).http;
  const http = trait && { method: trait[0], uri: trait[1], status: trait[2] };
  return { name, http, input: normalized(input), output: normalized(output) };
}

/** The base class of a service's exceptions has a schema too, without a status: it is never on the wire. */
function readError(schema: StaticSchema): ErrorSchema | undefined {
  const [, , name, traits] = schema;
  if (typeof traits !== 'object' || traits === null) return undefined;
  const { httpError, awsQueryError, error } = traits as ErrorTraits;
  assert(error !== undefined, `${name} is nobody's fault`);
  const [code, queryStatus] = awsQueryError ?? [name];
  const status = queryStatus ?? httpError ?? (error === 'client' ? 400 : 500);
  return { name, code, status, schema: normalized(schema) };
}

function normalized(schema: unknown): NormalizedSchema {
  return NormalizedSchema.of(schema as Parameters<typeof NormalizedSchema.of>[0]);
}
