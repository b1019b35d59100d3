import type { AwsError } from '@lambent/aws-api';
import { toAwsError } from '../lambda/to-aws-error.ts';
import type { Call, CallAnswer, RunAnswer } from './call.ts';
import { ResponseParts } from './response-parts.ts';

/** What a caller of InvokeWithResponseStream is told, one after another; the last one is `complete`. */
export type ResponseEvent =
  | { readonly kind: 'part'; readonly payload: Uint8Array }
  | {
      readonly kind: 'complete';
      /** AWS's type of what went wrong, or the function's own. */
      readonly errorCode?: string;
      readonly errorDetails?: string;
      readonly logTail?: Uint8Array;
    };

export interface StreamedResponse {
  readonly statusCode: CallAnswer['statusCode'];
  readonly executedVersion: string;
  /** What the function says its response is; undefined where it gives it whole. */
  readonly contentType: string | undefined;
  readonly events: AsyncIterable<ResponseEvent>;
}

/**
 * Answers a call as soon as its response begins, or is there. Rejects as `answer` does while nothing has begun; what
 * goes wrong later is the last event.
 */
export async function streamedResponse(
  call: Call,
  answer: (call: Call) => Promise<CallAnswer>,
): Promise<StreamedResponse> {
  const parts = new ResponseParts();
  call.signal.addEventListener('abort', () => parts.abandon(), { once: true });
  const answered = answer({ ...call, sink: parts }).finally(() => parts.end());
  // Told by the last event, or by nobody where the reader has gone.
  answered.catch(() => {});
  const first = await Promise.race([parts.begun, answered]);
  const { executedVersion, contentType } = parts;
  const statusCode = first?.statusCode ?? 200;
  return { statusCode, executedVersion, contentType, events: eventsOf(parts, answered) };
}

async function* eventsOf(parts: ResponseParts, answered: Promise<CallAnswer>): AsyncGenerator<ResponseEvent> {
  for await (const payload of parts) yield { kind: 'part', payload };
  let answer: CallAnswer;
  try {
    answer = await answered;
  } catch (error) {
    const { name, message } = toAwsError(error) ?? (error as AwsError);
    yield { kind: 'complete', errorCode: name, errorDetails: message };
    return;
  }
  if (answer.statusCode === 200) yield* endOf(answer);
}

function* endOf({ outcome, logTail }: RunAnswer): Generator<ResponseEvent> {
  const log = logTail && { logTail };
  if (outcome.kind !== 'ok') {
    const errorDetails = Buffer.from(outcome.payload).toString();
    yield { kind: 'complete', errorCode: outcome.errorType, errorDetails, ...log };
    return;
  }
  for (let at = 0; at < outcome.payload.length; at += PART_BYTES)
    yield { kind: 'part', payload: outcome.payload.subarray(at, at + PART_BYTES) };
  yield { kind: 'complete', ...log };
}

/** Small enough that a client which reads slowly holds up little here, large enough that a message costs little. */
const PART_BYTES = 65_536;
