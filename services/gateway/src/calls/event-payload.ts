import { isUtf8 } from 'node:buffer';
import { AwsError } from '@lambent/aws-api';
import { QUOTAS, type Quotas } from '@lambent/core';

/** What a function is given when the caller gave nothing. */
const EMPTY_EVENT: Uint8Array = Buffer.from('{}');

/** The event that a request carries, checked once: it is JSON, and not a byte of it is changed. */
export function eventPayload(payload: Uint8Array | undefined): Uint8Array {
  if (!payload || payload.length === 0) return EMPTY_EVENT;
  if (!isUtf8(payload)) throw unparsable('Invalid UTF-8');
  try {
    JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString());
  } catch (error) {
    throw unparsable(error instanceof Error ? error.message : String(error));
  }
  return payload;
}

/** Asynchronous events are held to a smaller size; AWS's front door lets the larger one in. */
export function checkAsyncSize(
  { asyncRequestBytes }: Pick<Quotas, 'asyncRequestBytes'>,
  payload: Uint8Array,
): void {
  if (payload.length <= asyncRequestBytes) return;
  throw new AwsError(
    'RequestEntityTooLargeException',
    `${payload.length} byte payload is too large for the Event invocation type (limit ${asyncRequestBytes} bytes)`,
  );
}

/** `X-Amz-Client-Context` as functions get it: JSON text. */
export function clientContextOf(header: string | undefined): string | undefined {
  if (!header) return undefined;
  if (header.length > QUOTAS.clientContextBase64Bytes)
    throw invalidContext(`Client context must be at most ${QUOTAS.clientContextBase64Bytes} bytes.`);
  const text = Buffer.from(header, 'base64').toString();
  try {
    const context: unknown = JSON.parse(text);
    if (typeof context === 'object' && context !== null) return text;
  } catch {
    // Said below, as for every other text that is no JSON object.
  }
  throw invalidContext('Client context must be a valid Base64-encoded JSON object.');
}

function invalidContext(message: string): AwsError {
  return new AwsError('InvalidRequestContentException', message);
}

function unparsable(detail: string): AwsError {
  return new AwsError(
    'InvalidRequestContentException',
    `Could not parse request body into json: Could not parse payload into json: ${detail}`,
  );
}
