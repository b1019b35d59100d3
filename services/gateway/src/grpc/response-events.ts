import { create, type MessageInitShape } from '@bufbuild/protobuf';
import {
  type InvokeWithResponseStreamResponse,
  InvokeWithResponseStreamResponseSchema,
} from '@lambent/contracts';
import type { StreamedResponse } from '../calls/streamed-response.ts';

/** A response as messages: its parts, and how it ended. A failure is told at the end alone. */
export async function* responseEvents(
  { executedVersion, events }: StreamedResponse,
  requestId: string,
): AsyncGenerator<InvokeWithResponseStreamResponse> {
  for await (const each of events) {
    if (each.kind === 'part')
      yield message({ case: 'payloadChunk', value: each.payload as Uint8Array<ArrayBuffer> });
    else {
      const { kind: _, logTail, ...error } = each;
      const log = logTail && { logTail: logTail as Uint8Array<ArrayBuffer> };
      yield message({ case: 'complete', value: { requestId, executedVersion, ...error, ...log } });
    }
  }
}

type Event = NonNullable<MessageInitShape<typeof InvokeWithResponseStreamResponseSchema>['event']>;

function message(event: Event): InvokeWithResponseStreamResponse {
  return create(InvokeWithResponseStreamResponseSchema, { event });
}
