import type { Delivery } from '@lambent/bus';
import { InvocationKind } from '@lambent/contracts';
import { type Clock, Deadline, isFailure, type LambentError, type Timer } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import {
  ASYNC_REDELIVER_AFTER_MS,
  type AsyncInvocation,
  decodeAsyncInvocation,
  encodeAsyncInvocation,
  type FunctionCatalog,
  type RunnableVersion,
} from '@lambent/functions';
import type { Invoker } from '@lambent/router';
import type { EventsConfig } from './config.ts';
import type { FairShare } from './fair-share.ts';
import { afterFailure, afterRun, type DropReason, deferred, type Verdict } from './verdict.ts';

export interface AttemptTools {
  readonly catalog: Pick<FunctionCatalog, 'resolve'>;
  readonly invoker: Invoker;
  readonly share: FairShare;
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
  const { clock, config, closing } = tools;
  if (closing.aborted) return HAND_BACK;
  if (delivery.ageMs >= config.maxAgeMs) return { kind: 'drop', reason: 'event-age-exceeded' };
  try {
    const runnable = await runnableOf(invocation, tools);
    if (!runnable) return { kind: 'drop', reason: 'function-deleted' };
    using patience = Deadline.after(clock, config.startWaitMs, closing);
    using place = await tools.share.take(invocation.functionId, patience.signal);
    if (closing.aborted) return HAND_BACK;
    if (!place) return deferred(delivery.ageMs, config);
    using span = spanOf(invocation, tools.telemetry);
    const { outcome } = await tools.invoker.invoke({
      requestId: invocation.requestId,
      spec: runnable.spec,
      payload: invocation.payload,
      invokedArn: invocation.invokedArn,
      kind: InvocationKind.ASYNC,
      attempt: invocation.attempt,
      logTail: false,
      traceparent: span.traceparent(),
      signal: patience.signal,
      ...(invocation.traceHeader !== undefined && { traceHeader: invocation.traceHeader }),
      ...(invocation.clientContext !== undefined && { clientContext: invocation.clientContext }),
    });
    return afterRun(outcome, invocation, config);
  } catch (err) {
    // Whoever waits when the signal comes is told so; another replica may have room at once.
    if (closing.aborted && isFailure(err, 'no-capacity')) return HAND_BACK;
    const reason = isFailure(err) ? (err as LambentError).reason : 'unexpected';
    if (reason === 'unexpected')
      tools.logger.error({ err, requestId: invocation.requestId }, 'attempt failed');
    else tools.logger.debug({ reason, requestId: invocation.requestId }, 'event could not start');
    return afterFailure(err, delivery.ageMs, config);
  }
}

/** The same attempt, for whoever pulls next. */
const HAND_BACK: Verdict = { kind: 'defer', delayMs: 0 };

/** The version to run now: whatever the name leads to today, as long as it is still the same function. */
async function runnableOf(
  invocation: AsyncInvocation,
  tools: AttemptTools,
): Promise<RunnableVersion | undefined> {
  const { name, qualifier } = invocation;
  const found = await tools.catalog.resolve({ name, ...(qualifier !== undefined && { qualifier }) });
  return found.kind === 'found' && found.record.id === invocation.functionId ? found : undefined;
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
