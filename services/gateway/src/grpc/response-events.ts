import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseSchema,
} from '@lambent/contracts';
import type { CallAnswer } from '../calls/call.ts';

/** Small enough that a client which reads slowly holds up little here, large enough that a message costs little. */
const CHUNK_BYTES = 65_536;

/** An answer as a stream of parts: what the function gave, and how it ended. A failure is told at the end alone. */
export function* responseEvents(
  answer: CallAnswer,
  requestId: string,
): Generator<InvokeWithResponseStreamResponse> {
  if (answer.statusCode !== 200) {
    yield event({ case: 'complete', value: { requestId } });
    return;
  }
  const { outcome, executedVersion, logTail } = answer;
  const complete = { requestId, executedVersion, ...(logTail && { logTail }) };
  if (outcome.kind !== 'ok') {
    const errorDetails = Buffer.from(outcome.payload).toString();
    yield event({ case: 'complete', value: { ...complete, errorCode: outcome.errorType, errorDetails } });
    return;
  }
  for (let at = 0; at < outcome.payload.length; at += CHUNK_BYTES)
    yield event({ case: 'payloadChunk', value: outcome.payload.subarray(at, at + CHUNK_BYTES) });
  yield event({ case: 'complete', value: complete });
}

type Event = NonNullable<MessageInitShape<typeof InvokeWithResponseStreamResponseSchema>['event']>;

function event(part: Event): InvokeWithResponseStreamResponse {
  return create(InvokeWithResponseStreamResponseSchema, { event: part });
}
