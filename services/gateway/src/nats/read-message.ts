import { hash } from 'node:crypto';
import { AwsError } from '@lambent/aws-api';
import { type BusMessage, type Headers, MESSAGE_BYTES_MAX } from '@lambent/bus';
import { fail, type Random } from '@lambent/core';
import { decodeSubjectPart } from '@lambent/nats';
import type { Call, InvocationType } from '../calls/call.ts';

/** What a message says, before any of it is checked. */
export type MessageCall = Omit<Call, 'signal' | 'traced'>;

/** The call that a message to `<kind>.<function>[.<qualifier>]` makes. Throws `payload-too-large`. */
export function readMessage(
  { subject, body, headers }: BusMessage,
  { type, requestId }: { type: InvocationType; requestId: string },
): MessageCall {
  // The server may take more: it is its operator's to say how much.
  if (body.length > MESSAGE_BYTES_MAX)
    throw fail('payload-too-large', { bytes: body.length, maxBytes: MESSAGE_BYTES_MAX });
  const header = headerReader(headers);
  return {
    door: 'nats',
    requestId,
    ...functionOf(subject),
    type,
    payload: body,
    clientContext: header('Lambent-Client-Context'),
    tenantId: header('Lambent-Tenant-Id'),
    logTail: header('Lambent-Log-Type') === 'Tail',
    trace: {
      traceparent: header('traceparent') ?? '',
      xAmznTraceId: header('X-Amzn-Trace-Id') ?? '',
    },
  };
}

/**
 * The id of an event's request. Of one that names itself it follows from that name and from the subject, so that
 * the same event sent again is the same request, and the queue drops it; others are all different.
 */
export function eventRequestId({ subject, headers }: BusMessage, random: Random): string {
  const messageId = headerReader(headers)('Nats-Msg-Id');
  if (!messageId) return random.uuid();
  const digits = hash('sha256', JSON.stringify([subject, messageId]));
  // A UUID of version 8, whose digits are its maker's own: https://www.rfc-editor.org/rfc/rfc9562#section-5.8
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    `8${digits.slice(13, 16)}`,
    `8${digits.slice(17, 20)}`,
    digits.slice(20, 32),
  ].join('-');
}

/** How long the caller waits, in milliseconds from now; undefined when it does not say. */
export function deadlineMsOf({ headers }: BusMessage): number | undefined {
  const text = headerReader(headers)(DEADLINE);
  if (text === undefined) return undefined;
  const milliseconds = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (milliseconds >= 1 && milliseconds <= DEADLINE_MS_MAX) return milliseconds;
  throw new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${text.slice(0, SHOWN_MAX)}' at '${DEADLINE}' failed to satisfy constraint: Member must be a number of milliseconds from 1 to ${DEADLINE_MS_MAX}`,
  );
}

const DEADLINE = 'Lambent-Deadline-Ms';
/** A day: longer than any function may run and wait. */
const DEADLINE_MS_MAX = 86_400_000;
/** Of a value that is refused, so many characters are repeated. */
const SHOWN_MAX = 64;

/** More parts than two name nothing: they stay together, and are refused as the name that they are not. */
function functionOf(subject: string): Pick<Call, 'functionName' | 'qualifier'> {
  const [, ...parts] = subject.split('.');
  if (parts.length > 2) return { functionName: parts.join('.'), qualifier: undefined };
  const [name = '', qualifier] = parts;
  return { functionName: decoded(name), qualifier: qualifier === undefined ? undefined : decoded(qualifier) };
}

/** A part that is no encoding is meant as it stands, like `$LATEST` or an ARN; no name is reached by two of them. */
function decoded(part: string): string {
  try {
    return decodeSubjectPart(part);
  } catch {
    return part;
  }
}

/** Clients differ in how they write names of headers; NATS hands them on as they are. */
function headerReader(headers: Headers): (name: string) => string | undefined {
  return name => {
    if (headers[name] !== undefined) return headers[name];
    const wanted = name.toLowerCase();
    return Object.entries(headers).find(([given]) => given.toLowerCase() === wanted)?.[1];
  };
}
