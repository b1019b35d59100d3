import type { Handler, LambdaInput, LambdaOutput, RequestContext } from '@lambent/aws-api';
import { InvocationKind } from '@lambent/contracts';
import { isFailure } from '@lambent/core';
import type { Resolution } from '@lambent/functions';
import type { Completion, Invocation } from '@lambent/router';
import { beginTrace, type InvocationTrace } from '../trace-context.ts';
import { checkAsyncSize, clientContextOf, eventPayload } from './event-payload.ts';
import { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { refuseUnsupportedCall } from './unsupported-members.ts';

type Input = LambdaInput<'Invoke'>;
type Output = LambdaOutput<'Invoke'>;

/** A request to invoke that has been read and found to be right. */
interface Call {
  readonly address: FunctionAddress;
  readonly target: Found;
  readonly payload: Uint8Array;
  readonly clientContext: string | undefined;
  readonly logTail: boolean;
  readonly context: RequestContext;
  readonly trace: InvocationTrace;
}

type Found = Extract<Resolution, { kind: 'found' }>;

/** The way of every invocation: what is known is not waited for, and the payload is looked at once. */
export function invoke(backend: LambdaBackend): Handler<Input, Output> {
  return async (input, context) => {
    refuseUnsupportedCall(input);
    const address = FunctionAddress.of(backend, input.FunctionName, input.Qualifier);
    const target = await resolve(backend, address);
    const payload = eventPayload(input.Payload);
    const clientContext = clientContextOf(input.ClientContext);
    if (input.InvocationType === 'DryRun') return { StatusCode: 204 };
    const trace = beginTrace(context, backend);
    context.setHeader('X-Amzn-Trace-Id', trace.header);
    // AWS says it with every answer; nothing is known to read it, and nothing should miss it.
    context.setHeader('X-Amzn-Remapped-Content-Length', '0');
    describe(trace, { target, address, context });
    const logTail = input.LogType === 'Tail';
    const call: Call = { address, target, payload, clientContext, logTail, context, trace };
    try {
      return await (input.InvocationType === 'Event' ? enqueue(backend, call) : run(backend, call));
    } catch (error) {
      trace.span.fail(isFailure(error) ? error.reason : 'error');
      throw error;
    } finally {
      trace.span.end();
    }
  };
}

async function resolve({ catalog }: LambdaBackend, address: FunctionAddress): Promise<Found> {
  const resolution = await catalog.resolve(address);
  if (resolution.kind === 'found') return resolution;
  throw address.notFound();
}

async function run(backend: LambdaBackend, call: Call): Promise<Output> {
  const { outcome, logTail } = await complete(backend, call);
  return {
    StatusCode: 200,
    Payload: outcome.payload,
    ExecutedVersion: call.target.version.version,
    // AWS calls every failure of a function so; what kind it was stands in the payload.
    ...(outcome.kind !== 'ok' && { FunctionError: 'Unhandled' }),
    ...(call.logTail && { LogResult: Buffer.from(logTail).toString('base64') }),
  };
}

/** Whoever knows a newer configuration than the call's refuses it; what is stored is then read and tried. */
async function complete(backend: LambdaBackend, call: Call): Promise<Completion> {
  let current = call;
  for (let tries = 1; ; tries += 1) {
    try {
      return await send(backend, current);
    } catch (error) {
      if (!isFailure(error, 'configuration-stale') || tries === CONFIGURATIONS_MAX) throw error;
      backend.catalog.forget(call.address.name);
      current = { ...call, target: await resolve(backend, call.address) };
    }
  }
}

/** Each after the first means one more update while the call waited; nobody updates that often for long. */
const CONFIGURATIONS_MAX = 8;

/** The span is the wait for an environment and the run in it; the run alone is the worker's to tell. */
async function send({ invoker, telemetry }: LambdaBackend, call: Call): Promise<Completion> {
  const wait = telemetry.startSpan('lambent.wait', { traceparent: call.trace.span.traceparent() });
  try {
    return await invoker.invoke(invocationOf(call, wait.traceparent()));
  } finally {
    wait.end();
  }
}

function invocationOf(call: Call, traceparent: string): Invocation {
  const { address, target, payload, clientContext, logTail, context, trace } = call;
  return {
    requestId: context.requestId,
    spec: target.spec,
    payload,
    invokedArn: address.arn,
    kind: InvocationKind.SYNC,
    attempt: 1,
    logTail,
    traceHeader: trace.header,
    ...(traceparent !== '' && { traceparent }),
    ...(clientContext !== undefined && { clientContext }),
    signal: context.signal,
  };
}

/** 202 is said when the event is durable, not before. */
async function enqueue({ asyncQueues, clock }: LambdaBackend, call: Call): Promise<Output> {
  const { address, target, payload, clientContext, context, trace } = call;
  checkAsyncSize(payload);
  await asyncQueues.enqueue({
    requestId: context.requestId,
    functionId: target.record.id,
    name: address.name,
    ...(address.qualifier !== undefined && { qualifier: address.qualifier }),
    invokedArn: address.arn,
    attempt: 1,
    firstAcceptedAtMs: clock.nowMs(),
    traceHeader: trace.header,
    ...(clientContext !== undefined && { clientContext }),
    payload,
  });
  return { StatusCode: 202 };
}

function describe(
  { span }: InvocationTrace,
  { target, address, context }: Pick<Call, 'target' | 'address' | 'context'>,
): void {
  span.set({
    'faas.trigger': 'http',
    'faas.invocation.id': context.requestId,
    'faas.name': address.name,
    'faas.version': target.version.version,
    'aws.lambda.invoked_arn': address.arn,
  });
}
