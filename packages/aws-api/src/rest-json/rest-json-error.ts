import type { AwsError } from '../aws-error.ts';
import { COMMON_ERRORS } from '../common-errors.ts';
import type { Answer } from '../protocol.ts';
import type { ErrorSchema, Schemas } from '../schemas.ts';
import { bindOutput, JSON_TYPE, type OutputBinding } from './rest-json-output.ts';

/** The member that holds an exception's text: each schema declares which of two spellings. */
const MESSAGE_NAMES: ReadonlySet<string> = new Set(['message', 'Message']);

interface BoundError {
  readonly status: number;
  readonly messageKey: string | undefined;
  readonly hasType: boolean;
  readonly binding: OutputBinding;
}

/** Undefined for an error that is neither the service's nor common to all. */
export function compileErrors(schemas: Schemas): (error: AwsError) => Answer | undefined {
  const bound = new Map(Array.from(schemas.errors.values(), error => [error.name, bindError(error)]));
  return error => {
    const modelled = bound.get(error.name);
    return modelled ? encodeModelled(error, modelled) : encodeCommon(error);
  };
}

function bindError({ status, schema }: ErrorSchema): BoundError {
  const names = Array.from(schema.structIterator(), ([name]) => name);
  return {
    status,
    messageKey: names.find(name => MESSAGE_NAMES.has(name)),
    hasType: names.includes('Type'),
    binding: bindOutput(schema),
  };
}

function encodeModelled(error: AwsError, { status, messageKey, hasType, binding }: BoundError): Answer {
  const members: Record<string, unknown> = { ...error.fields };
  if (hasType) members['Type'] = status < 500 ? 'User' : 'Service';
  if (messageKey !== undefined) members[messageKey] = error.wireMessage;
  const headers = errorHeaders(error);
  binding.writeHeaders(members, headers);
  return { status, headers, body: binding.writeBody(members) };
}

function encodeCommon(error: AwsError): Answer | undefined {
  if (!Object.hasOwn(COMMON_ERRORS, error.name)) return undefined;
  const { status, messageKey } = COMMON_ERRORS[error.name] as (typeof COMMON_ERRORS)[string];
  const body = JSON.stringify({ [messageKey]: error.wireMessage, ...error.fields });
  return { status, headers: errorHeaders(error), body };
}

function errorHeaders(error: AwsError): Record<string, string> {
  return { 'Content-Type': JSON_TYPE, 'x-amzn-ErrorType': error.name, ...error.headers };
}
