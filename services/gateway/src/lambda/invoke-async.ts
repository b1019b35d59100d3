import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { Calls } from '../calls/calls.ts';
import { traceInputOf } from '../trace-context.ts';

/** The oldest way to invoke, which AWS keeps for those who use it still: an event, to the function itself. */
export function invokeAsync(calls: Calls): Handler<LambdaInput<'InvokeAsync'>, LambdaOutput<'InvokeAsync'>> {
  return async ({ FunctionName, InvokeArgs }, context) => {
    const { statusCode } = await calls.answer({
      door: 'http',
      requestId: context.requestId,
      functionName: FunctionName,
      qualifier: undefined,
      type: 'Event',
      payload: InvokeArgs,
      clientContext: undefined,
      logTail: false,
      trace: traceInputOf(context.headers),
      signal: context.signal,
      traced: header => context.setHeader('X-Amzn-Trace-Id', header),
    });
    return { Status: statusCode };
  };
}
