import { InvocationKind } from '@lambent/contracts';
import { type Clock, fail, isFailure, type Quotas, type Random } from '@lambent/core';
import type { Counter, Telemetry } from '@lambent/daemon';
import { type AsyncQueues, type FunctionCatalog, type Resolution, tenantSpecOf } from '@lambent/functions';
import type { Completion, Invocation, Invoker } from '@lambent/router';
import { FunctionAddress } from '../lambda/function-address.ts';
import { beginTrace, type InvocationTrace } from '../trace-context.ts';
import type { Call, CallAnswer, Door, RunAnswer } from './call.ts';
import { checkAsyncSize, clientContextOf, eventPayload } from './event-payload.ts';
import { checkTenancy } from './tenancy.ts';

export interface CallsOptions {
  readonly accountId: string;
  readonly region: string;
  readonly quotas: Quotas;
  readonly catalog: FunctionCatalog;
  readonly asyncQueues: Pick<AsyncQueues, 'enqueue'>;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly random: Random;
  readonly telemetry: Telemetry;
}

/** A call that has been read and found to be right. */
interface Checked {
  readonly call: Call;
  readonly address: FunctionAddress;
  readonly target: Found;
  readonly payload: Uint8Array;
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
  readonly trace: InvocationTrace;
}

type Found = Extract<Resolution, { kind: 'found' }>;

/**
 * The way of every invocation, whichever door it came through: what is known is not waited for, and the payload is
 * looked at once. Refuses with AWS's errors; a failure of the function is an answer.
 */
export class Calls {
  readonly #options: CallsOptions;
  readonly #throttles: Counter;

  constructor(options: CallsOptions) {
    this.#options = options;
    this.#throttles = options.telemetry.counter(
      'lambent_gateway_throttles',
      'Invocations refused since a concurrency limit is reached, by function and limit.',
    );
  }

  async answer(call: Call): Promise<CallAnswer> {
    const address = FunctionAddress.of(this.#options, call.functionName, call.qualifier);
    const target = await this.#resolve(address);
    const tenantId = call.tenantId || undefined;
    checkTenancy(target.version, tenantId);
    const payload = eventPayload(call.payload);
    const clientContext = clientContextOf(call.clientContext);
    if (call.type === 'DryRun') return { statusCode: 204 };
    const trace = beginTrace(call.trace, this.#options);
    call.traced(trace.header);
    const checked: Checked = { call, address, target, payload, clientContext, tenantId, trace };
    describe(checked);
    try {
      return await (call.type === 'Event' ? this.#enqueue(checked) : this.#run(checked));
    } catch (error) {
      trace.span.fail(isFailure(error) ? error.reason : 'error');
      if (isFailure(error, 'limit-reached'))
        this.#throttles.add(1, { function: address.name, limit: String(error.fields['limit']) });
      throw error;
    } finally {
      trace.span.end();
    }
  }

  async #resolve(address: FunctionAddress): Promise<Found> {
    const resolution = await this.#options.catalog.resolve(address);
    if (resolution.kind === 'found') return resolution;
    throw address.notFound();
  }

  async #run(checked: Checked): Promise<RunAnswer> {
    const { outcome, logTail } = await this.#complete(checked);
    return {
      statusCode: 200,
      outcome,
      executedVersion: checked.target.version.version,
      logTail: checked.call.logTail ? logTail : undefined,
    };
  }

  /** Whoever knows a newer configuration than the call's refuses it; what is stored is then read and tried. */
  async #complete(checked: Checked): Promise<Completion> {
    let current = checked;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#send(current);
      } catch (error) {
        if (!isFailure(error, 'configuration-stale') || tries === CONFIGURATIONS_MAX) throw error;
        this.#options.catalog.forget(checked.address.name);
        current = { ...checked, target: await this.#resolve(checked.address) };
      }
    }
  }

  /** The span is the wait for an environment and the run in it; the run alone is the worker's to tell. */
  async #send(checked: Checked): Promise<Completion> {
    if (checked.call.signal.aborted) throw fail('no-capacity');
    const { invoker, telemetry } = this.#options;
    checked.call.sink?.running(checked.target.version.version);
    const wait = telemetry.startSpan('lambent.wait', { traceparent: checked.trace.span.traceparent() });
    try {
      return await invoker.invoke(invocationOf(checked, wait.traceparent()));
    } finally {
      wait.end();
    }
  }

  /** 202 is said when the event is durable, not before. */
  async #enqueue({
    call,
    address,
    target,
    payload,
    clientContext,
    tenantId,
    trace,
  }: Checked): Promise<CallAnswer> {
    const { asyncQueues, clock, quotas } = this.#options;
    checkAsyncSize(quotas, payload);
    await asyncQueues.enqueue({
      requestId: call.requestId,
      functionId: target.record.id,
      name: address.name,
      ...(address.qualifier !== undefined && { qualifier: address.qualifier }),
      invokedArn: address.arn,
      attempt: 1,
      firstAcceptedAtMs: clock.nowMs(),
      traceHeader: trace.header,
      ...(clientContext !== undefined && { clientContext }),
      ...(tenantId !== undefined && { tenantId }),
      payload,
    });
    return { statusCode: 202 };
  }
}

/** Each after the first means one more update while the call waited; nobody updates that often for long. */
const CONFIGURATIONS_MAX = 8;

function invocationOf(
  { call, address, target, payload, clientContext, tenantId, trace }: Checked,
  traceparent: string,
): Invocation {
  return {
    requestId: call.requestId,
    spec: tenantId === undefined ? target.spec : tenantSpecOf(target.spec, tenantId),
    payload,
    invokedArn: address.arn,
    kind: InvocationKind.SYNC,
    attempt: 1,
    logTail: call.logTail,
    ...(call.sink && { sink: call.sink }),
    traceHeader: trace.header,
    ...(traceparent !== '' && { traceparent }),
    ...(clientContext !== undefined && { clientContext }),
    signal: call.signal,
  };
}

/** As OpenTelemetry's conventions name what a function was set off by. */
const TRIGGERS: Readonly<Record<Door, string>> = { http: 'http', grpc: 'other', nats: 'pubsub' };

function describe({ call, address, target, trace }: Checked): void {
  trace.span.set({
    'faas.trigger': TRIGGERS[call.door],
    'faas.invocation.id': call.requestId,
    'faas.name': address.name,
    'faas.version': target.version.version,
    'aws.lambda.invoked_arn': address.arn,
  });
}
