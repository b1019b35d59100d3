import type { Handler, LambdaInput, LambdaOutput, RequestContext } from '@lambent/aws-api';
import { type Call, type CallAnswer, FUNCTION_ERROR } from '../calls/call.ts';
import type { Calls } from '../calls/calls.ts';
import { traceInputOf } from '../trace-context.ts';
import { restoreError } from './snap-start.ts';
import { refuseUnsupportedCall } from './unsupported-members.ts';

type Input = LambdaInput<'Invoke'>;
type Output = LambdaOutput<'Invoke'>;

/** The door for AWS's own clients. */
export function invoke(calls: Calls): Handler<Input, Output> {
  return async (input, context) => {
    refuseUnsupportedCall(input);
    return outputOf(await calls.answer(callOf(input, context)));
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
    traced(header) {
      context.setHeader('X-Amzn-Trace-Id', header);
      // AWS says it with every answer; nothing is known to read it, and nothing should miss it.
      context.setHeader('X-Amzn-Remapped-Content-Length', '0');
    },
  };
}

function outputOf(answer: CallAnswer): Output {
  if (answer.statusCode !== 200) return { StatusCode: answer.statusCode };
  const { outcome, executedVersion, logTail } = answer;
  const unrestored = restoreError(outcome);
  if (unrestored) throw unrestored;
  return {
    StatusCode: 200,
    Payload: outcome.payload,
    ExecutedVersion: executedVersion,
    ...(outcome.kind !== 'ok' && { FunctionError: FUNCTION_ERROR }),
    ...(logTail && { LogResult: Buffer.from(logTail).toString('base64') }),
  };
}
