import type { Delivery } from '@lambent/bus';
import { InvocationKind } from '@lambent/contracts';
import { type Clock, Deadline, fail, isFailure, type LambentError, type Timer } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import {
  ASYNC_REDELIVER_AFTER_MS,
  type AsyncInvocation,
  decodeAsyncInvocation,
  type EventInvokeRecord,
  encodeAsyncInvocation,
  type FunctionCatalog,
  type RunnableVersion,
  tenantSpecOf,
} from '@lambent/functions';
import type { Completion, Invoker } from '@lambent/router';
import type { EventsConfig } from './config.ts';
import { currentVersion } from './current-version.ts';
import type { FairShare } from './fair-share.ts';
import { afterFailure, afterRun, type DropReason, retryPolicy, type Verdict } from './verdict.ts';

export interface AttemptTools {
  readonly catalog: Pick<FunctionCatalog, 'resolve' | 'forget'>;
  readonly invoker: Invoker;
  readonly share: FairShare;
  /** How the owner wants events tried again; undefined: as AWS does. Rejects with `registry-unavailable`. */
  readonly wishOf: (invocation: AsyncInvocation) => Promise<EventInvokeRecord | undefined>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly config: EventsConfig;
  /** Aborted when the service closes: what has not started by then is handed back. */
  readonly closing: AbortSignal;
  /** Aborted when the service is gone: whatever is still under way is left to the queue. */
  readonly gone: AbortSignal;
  readonly dropped: (reason: DropReason, functionName: string) => void;
}

/**
 * One attempt at one delivered event: runs the function and then, durably, does what the verdict says. The message
 * is given up only in the same step that makes its successor durable, or when there is nothing left to do.
 */
export async function attempt(delivery: Delivery, tools: AttemptTools): Promise<void> {
  let invocation: AsyncInvocation;
  try {
    invocation = decodeAsyncInvocation(delivery);
  } catch (err) {
    tools.logger.error({ err, messageId: delivery.id }, 'event unreadable');
    tools.dropped('unreadable', 'unknown');
    return delivery.acknowledge();
  }
  using _kept = keepExtending(delivery, tools);
  const verdict = await run(invocation, delivery, tools);
  await carryOut(verdict, invocation, delivery, tools);
}

async function run(
  invocation: AsyncInvocation,
  delivery: Pick<Delivery, 'ageMs'>,
  tools: AttemptTools,
): Promise<Verdict> {
  const { clock, config, closing, share } = tools;
  if (closing.aborted) return HAND_BACK;
  // The first attempt is made however old the event is said to be: no clock alone takes it away.
  if (invocation.attempt > 1 && (await isTooOld(invocation, delivery, tools)))
    return { kind: 'drop', reason: 'event-age-exceeded' };
  using place = share.take(invocation.functionId);
  if (!place) return { kind: 'defer', delayMs: share.turnInMs(invocation.functionId) };
  try {
    using patience = Deadline.after(clock, config.startWaitMs, closing);
    const completion = await complete(invocation, tools, patience.signal);
    if (!completion) return { kind: 'drop', reason: 'function-deleted' };
    if (completion.outcome.kind === 'ok') return { kind: 'done' };
    return afterRun(completion.outcome, invocation, retryPolicy(config, await wish(invocation, tools)));
  } catch (err) {
    // Whoever waits when the signal comes is told so; another replica may have room at once.
    if (closing.aborted && isFailure(err, 'no-capacity')) return HAND_BACK;
    const reason = isFailure(err) ? (err as LambentError).reason : 'unexpected';
    if (reason === 'unexpected')
      tools.logger.error({ err, requestId: invocation.requestId }, 'attempt failed');
    else tools.logger.debug({ reason, requestId: invocation.requestId }, 'event could not start');
    return afterFailure(err, delivery.ageMs, retryPolicy(config, await wish(invocation, tools)));
  }
}

async function isTooOld(
  invocation: AsyncInvocation,
  { ageMs }: Pick<Delivery, 'ageMs'>,
  tools: AttemptTools,
): Promise<boolean> {
  return ageMs >= retryPolicy(tools.config, await wish(invocation, tools)).maxAgeMs;
}

/** While the registry is silent nothing is given up earlier than AWS does by itself. */
async function wish(invocation: AsyncInvocation, tools: AttemptTools): Promise<Partial<EventInvokeRecord>> {
  return (await tools.wishOf(invocation).catch(() => undefined)) ?? {};
}

/** The same attempt, for whoever pulls next. */
const HAND_BACK: Verdict = { kind: 'defer', delayMs: 0 };

/**
 * Undefined: the function is gone. Whoever knows a newer configuration than what is remembered here refuses that; what
 * is stored is then read and tried, once.
 */
async function complete(
  invocation: AsyncInvocation,
  tools: AttemptTools,
  signal: AbortSignal,
): Promise<Completion | undefined> {
  const runnable = await currentVersion(tools.catalog, invocation);
  try {
    return runnable && (await send(invocation, runnable, tools, signal));
  } catch (error) {
    if (!isFailure(error, 'configuration-stale')) throw error;
    tools.catalog.forget(invocation.name);
    const newer = await currentVersion(tools.catalog, invocation);
    return newer && send(invocation, newer, tools, signal);
  }
}

async function send(
  invocation: AsyncInvocation,
  { spec }: RunnableVersion,
  tools: AttemptTools,
  signal: AbortSignal,
): Promise<Completion> {
  if (signal.aborted) throw fail('no-capacity');
  using span = spanOf(invocation, tools.telemetry);
  return await tools.invoker.invoke({
    requestId: invocation.requestId,
    spec: invocation.tenantId === undefined ? spec : tenantSpecOf(spec, invocation.tenantId),
    payload: invocation.payload,
    invokedArn: invocation.invokedArn,
    kind: InvocationKind.ASYNC,
    attempt: invocation.attempt,
    logTail: false,
    traceparent: span.traceparent(),
    signal,
    ...(invocation.traceHeader !== undefined && { traceHeader: invocation.traceHeader }),
    ...(invocation.clientContext !== undefined && { clientContext: invocation.clientContext }),
  });
}

async function carryOut(
  verdict: Verdict,
  invocation: AsyncInvocation,
  delivery: Delivery,
  tools: AttemptTools,
): Promise<void> {
  const { requestId, name: functionName } = invocation;
  switch (verdict.kind) {
    case 'done':
      return delivery.acknowledge();
    case 'retry': {
      const next = encodeAsyncInvocation({ ...invocation, attempt: invocation.attempt + 1 });
      tools.logger.info(
        { requestId, functionName, attempt: invocation.attempt, ...verdict },
        'event will be retried',
      );
      return delivery.replace({ ...next, delayMs: verdict.delayMs });
    }
    case 'defer':
      return delivery.release({ delayMs: verdict.delayMs });
    case 'drop':
      tools.logger.warn(
        { requestId, functionName, attempt: invocation.attempt, reason: verdict.reason },
        'event dropped',
      );
      tools.dropped(verdict.reason, functionName);
      return delivery.acknowledge();
  }
}

/** Keeps the queue from giving the message to somebody else while it is worked on. */
function keepExtending(delivery: Delivery, { clock, logger, gone }: AttemptTools): Disposable {
  let timer: Timer;
  const extendLater = () => {
    timer = clock.setTimer(ASYNC_REDELIVER_AFTER_MS / 3, () => {
      // Failing to extend costs at most a second run of the same attempt, which the promise allows.
      delivery.extend().catch((err: unknown) => logger.warn({ err }, 'event could not be extended'));
      extendLater();
    });
  };
  const stop = () => timer.cancel();
  extendLater();
  gone.addEventListener('abort', stop, { once: true });
  return {
    [Symbol.dispose]: () => {
      gone.removeEventListener('abort', stop);
      stop();
    },
  };
}

function spanOf(invocation: AsyncInvocation, telemetry: Telemetry) {
  const span = telemetry.startSpan('lambent.event', {
    kind: 'consumer',
    attributes: { 'faas.name': invocation.name, 'faas.invocation.id': invocation.requestId },
  });
  return { traceparent: () => span.traceparent(), [Symbol.dispose]: () => span.end() };
}
