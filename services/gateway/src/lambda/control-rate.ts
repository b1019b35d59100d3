import { AwsError, type Handler, type LambdaHandlers } from '@lambent/aws-api';
import type { Clock } from '@lambent/core';

export interface ControlRates {
  /** Requests a second of all operations together that have no rate of their own; 0: any number. */
  readonly controlRate: number;
  readonly getFunctionRate: number;
}

/** Invocations have limits of their own. */
const INVOCATIONS: ReadonlySet<string> = new Set(['Invoke', 'InvokeAsync', 'InvokeWithResponseStream']);

/** Refuses as AWS does what is asked more often than it may be, before anything of it is done. */
export function withControlRates(
  handlers: LambdaHandlers,
  { controlRate, getFunctionRate }: ControlRates,
  clock: Clock,
): LambdaHandlers {
  const shared = rate(controlRate, clock);
  const ofGetFunction = rate(getFunctionRate, clock);
  const limited = Object.entries(handlers as Record<string, Handler<unknown, unknown>>).map(
    ([name, handler]) => {
      const admits = name === 'GetFunction' ? ofGetFunction : shared;
      return [name, admits && !INVOCATIONS.has(name) ? guarded(handler, admits) : handler];
    },
  );
  return Object.fromEntries(limited) as LambdaHandlers;
}

function guarded(handler: Handler<unknown, unknown>, admits: () => boolean): Handler<unknown, unknown> {
  return async (input, context) => {
    if (admits()) return handler(input, context);
    throw new AwsError('TooManyRequestsException', 'Rate exceeded', {
      fields: { Reason: 'CallerRateLimitExceeded', retryAfterSeconds: RETRY_AFTER_SECONDS },
    });
  };
}

/** Of a bucket that holds what a second allows. */
function rate(perSecond: number, clock: Clock): (() => boolean) | undefined {
  if (perSecond === 0) return undefined;
  let tokens = perSecond;
  let filledMs = clock.monotonicMs();
  return () => {
    const nowMs = clock.monotonicMs();
    tokens = Math.min(perSecond, tokens + ((nowMs - filledMs) * perSecond) / 1_000);
    filledMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** The bucket is full again by then. */
const RETRY_AFTER_SECONDS = '1';
