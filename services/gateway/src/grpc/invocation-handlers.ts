import { create } from '@bufbuild/protobuf';
import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  Metadata,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import type { AwsError } from '@lambent/aws-api';
import {
  InvocationType,
  type InvokeRequest,
  type InvokeResponse,
  InvokeResponseSchema,
  type InvokeWithResponseStreamRequest,
  type InvokeWithResponseStreamResponse,
} from '@lambent/contracts';
import { type Clock, DeadlineExceeded, type Random } from '@lambent/core';
import { type Call, type CallAnswer, FUNCTION_ERROR } from '../calls/call.ts';
import type { Reception } from '../calls/reception.ts';
import { streamedResponse } from '../calls/streamed-response.ts';
import { responseEvents } from './response-events.ts';
import { REQUEST_ID, toGrpcStatus } from './to-grpc-status.ts';

export interface InvocationHandlersOptions {
  readonly reception: Reception;
  readonly clock: Clock;
  readonly random: Random;
}

export interface InvocationHandlers {
  readonly invoke: handleUnaryCall<InvokeRequest, InvokeResponse>;
  readonly invokeWithResponseStream: handleServerStreamingCall<
    InvokeWithResponseStreamRequest,
    InvokeWithResponseStreamResponse
  >;
}

/** lambent.v1.InvocationService. */
export function invocationHandlers(options: InvocationHandlersOptions): InvocationHandlers {
  const { reception } = options;
  return {
    invoke(stream, respond) {
      const { request } = stream;
      const call = callOf(request, stream, { ...options, type: typeOf(request) });
      reception
        .answer('Invoke', () => call)
        .then(
          answer => respond(null, responseOf(answer, call)),
          (error: AwsError) => respond(toGrpcStatus(error, call.requestId)),
        );
    },
    invokeWithResponseStream(stream) {
      const call = callOf(stream.request, stream, { ...options, type: 'RequestResponse' });
      streamedResponse(call, streamed => reception.answer('InvokeWithResponseStream', () => streamed))
        .then(response => send(stream, responseEvents(response, call.requestId)))
        // Told so, grpc-js ends the stream with this status.
        .catch((error: AwsError) => stream.emit('error', toGrpcStatus(error, call.requestId)));
    },
  };
}

type Request = Pick<
  InvokeRequest,
  'functionName' | 'qualifier' | 'payload' | 'clientContext' | 'logTail' | 'tenantId'
>;
type Stream = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'on' | 'sendMetadata' | 'getDeadline'>;

function callOf(
  request: Request,
  stream: Stream,
  { type, clock, random }: Pick<InvocationHandlersOptions, 'clock' | 'random'> & { type: string },
): Call {
  const { functionName, qualifier, payload, clientContext, logTail, tenantId } = request;
  const requestId = random.uuid();
  const answerMetadata = new Metadata();
  answerMetadata.set(REQUEST_ID, requestId);
  stream.sendMetadata(answerMetadata);
  return {
    door: 'grpc',
    requestId,
    functionName,
    qualifier: qualifier || undefined,
    // A number that has no name is refused by its own text.
    type: type as Call['type'],
    payload,
    clientContext: clientContext && Buffer.from(clientContext).toString('base64'),
    tenantId,
    logTail,
    trace: {
      traceparent: metadataText(stream.metadata, 'traceparent'),
      xAmznTraceId: metadataText(stream.metadata, 'x-amzn-trace-id'),
    },
    signal: signalOf(stream, clock),
    traced: () => {},
  };
}

/** Aborted when the client cancels, goes away or has waited as long as it would. */
function signalOf(stream: Stream, clock: Clock): AbortSignal {
  const controller = new AbortController();
  const remainingMs = Number(stream.getDeadline()) - clock.nowMs();
  const end = () => controller.abort(new DeadlineExceeded(remainingMs));
  if (remainingMs <= 0) end();
  else stream.on('cancelled', end);
  return controller.signal;
}

const TYPES: Readonly<Record<InvocationType, Call['type']>> = {
  [InvocationType.UNSPECIFIED]: 'RequestResponse',
  [InvocationType.REQUEST_RESPONSE]: 'RequestResponse',
  [InvocationType.EVENT]: 'Event',
  [InvocationType.DRY_RUN]: 'DryRun',
};

function typeOf({ invocationType }: InvokeRequest): string {
  return TYPES[invocationType] ?? String(invocationType);
}

function responseOf(answer: CallAnswer, { requestId }: Call): InvokeResponse {
  const { statusCode } = answer;
  if (statusCode !== 200) return create(InvokeResponseSchema, { requestId, statusCode });
  const { outcome, executedVersion, logTail } = answer;
  return create(InvokeResponseSchema, {
    requestId,
    statusCode,
    payload: outcome.payload,
    functionError: outcome.kind === 'ok' ? '' : FUNCTION_ERROR,
    executedVersion,
    ...(logTail && { logTail }),
  });
}

/** As fast as the client reads. */
async function send(
  stream: ServerWritableStream<unknown, InvokeWithResponseStreamResponse>,
  events: AsyncIterable<InvokeWithResponseStreamResponse>,
): Promise<void> {
  for await (const event of events) {
    if (stream.destroyed) return;
    if (!stream.write(event)) await drained(stream);
  }
  stream.end();
}

function drained(stream: ServerWritableStream<unknown, unknown>): Promise<void> {
  return new Promise(resolve => {
    const settle = () => {
      stream.off('drain', settle).off('close', settle);
      resolve();
    };
    stream.on('drain', settle).on('close', settle);
  });
}

function metadataText(metadata: Metadata, name: string): string {
  const [value] = metadata.get(name);
  return typeof value === 'string' ? value : '';
}
