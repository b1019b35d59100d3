import type { Handler, LambdaInput, LambdaOutput, RequestContext } from '@lambent/aws-api';
import type { Call } from '../calls/call.ts';
import type { Calls } from '../calls/calls.ts';
import { type ResponseEvent, streamedResponse } from '../calls/streamed-response.ts';
import { traceInputOf } from '../trace-context.ts';

type Input = LambdaInput<'InvokeWithResponseStream'>;
type Output = LambdaOutput<'InvokeWithResponseStream'>;
type Event = NonNullable<Output['EventStream']> extends AsyncIterable<infer E> ? E : never;

export function invokeWithResponseStream(calls: Calls): Handler<Input, Output> {
  return async (input, context) => {
    const { statusCode, executedVersion, events } = await streamedResponse(callOf(input, context), call =>
      calls.answer(call),
    );
    if (statusCode !== 200) return { StatusCode: statusCode };
    return { StatusCode: 200, ExecutedVersion: executedVersion, EventStream: eventStream(events) };
  };
}

function callOf(input: Input, context: RequestContext): Call {
  return {
    door: 'http',
    requestId: context.requestId,
    functionName: input.FunctionName,
    qualifier: input.Qualifier,
    type: input.InvocationType ?? 'RequestResponse',
    payload: input.Payload,
    clientContext: input.ClientContext,
    tenantId: input.TenantId,
    logTail: input.LogType === 'Tail',
    trace: traceInputOf(context.headers),
    signal: context.signal,
    traced: header => context.setHeader('X-Amzn-Trace-Id', header),
  };
}

async function* eventStream(events: AsyncIterable<ResponseEvent>): AsyncGenerator<Event> {
  for await (const event of events) {
    if (event.kind === 'part') yield { PayloadChunk: { Payload: event.payload } };
    else yield { InvokeComplete: completeOf(event) };
  }
}

function completeOf({ errorCode, errorDetails, logTail }: Extract<ResponseEvent, { kind: 'complete' }>) {
  return {
    ...(errorCode !== undefined && { ErrorCode: errorCode, ErrorDetails: errorDetails }),
    ...(logTail && { LogResult: Buffer.from(logTail).toString('base64') }),
  };
}
