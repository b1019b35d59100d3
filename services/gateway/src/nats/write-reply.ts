import { AwsError } from '@lambent/aws-api';
import { type Headers, MESSAGE_BYTES_MAX } from '@lambent/bus';
import { type CallAnswer, FUNCTION_ERROR } from '../calls/call.ts';
import type { WrittenError } from '../calls/call-rules.ts';

export interface Reply {
  readonly body: Uint8Array;
  readonly headers: Headers;
}

/** The log's tail is by far the longest of the headers, with 5.5 KB. */
const HEADER_BYTES_MAX = 16_384;
const BODY_BYTES_MAX = MESSAGE_BYTES_MAX - HEADER_BYTES_MAX;

const NOTHING = new Uint8Array();

/** Throws when the response does not fit into a message: the function has run by then. */
export function writeAnswer(answer: CallAnswer): Reply {
  const headers = { 'Lambent-Status': String(answer.statusCode) };
  if (answer.statusCode !== 200) return { body: NOTHING, headers };
  const { outcome, executedVersion, logTail } = answer;
  if (outcome.payload.length > BODY_BYTES_MAX) throw tooLarge(outcome.payload.length);
  return {
    body: outcome.payload,
    headers: {
      ...headers,
      'Lambent-Executed-Version': executedVersion,
      ...(outcome.kind !== 'ok' && { 'Lambent-Function-Error': FUNCTION_ERROR }),
      ...(logTail && { 'Lambent-Log-Result': Buffer.from(logTail).toString('base64') }),
    },
  };
}

export function writeRefusal({ status, type, body }: WrittenError): Reply {
  return {
    // An error may repeat what it refuses, which fitted into a message by itself.
    body: body.subarray(0, BODY_BYTES_MAX),
    headers: { 'Lambent-Status': String(status), 'Lambent-Error-Type': type },
  };
}

function tooLarge(bytes: number): AwsError {
  return new AwsError(
    'RequestEntityTooLargeException',
    `The function ran, and its response of ${bytes} bytes is larger than a message over NATS may be (limit ${BODY_BYTES_MAX} bytes). Over HTTP and gRPC it would fit.`,
  );
}
