import { isFailure, type Outcome } from '@lambent/core';
import type { AsyncInvocation, EventInvokeRecord } from '@lambent/functions';

/** What becomes of an event after an attempt. */
export type Verdict =
  | { readonly kind: 'done' }
  /** The next attempt, with the same request id. */
  | { readonly kind: 'retry'; readonly delayMs: number }
  /** It did not run, or nobody knows whether it did: the same attempt again, using up no retry. */
  | { readonly kind: 'defer'; readonly delayMs: number }
  | { readonly kind: 'drop'; readonly reason: DropReason };

export type DropReason = 'retries-exhausted' | 'event-age-exceeded' | 'function-deleted' | 'unreadable';

export interface RetryPolicy {
  readonly firstRetryMs: number;
  readonly secondRetryMs: number;
  readonly maxAgeMs: number;
  /** The first and those after function errors. */
  readonly attemptsMax: number;
}

/** AWS tries a function error twice more. */
const RETRIES_MAX = 2;
/** AWS's back-off for what could not start, from one second to five minutes. */
const DEFER_MIN_MS = 1_000;
const DEFER_MAX_MS = 300_000;

/** As the function's owner wants it, within what is set for all. */
export function retryPolicy(
  settings: Omit<RetryPolicy, 'attemptsMax'>,
  { maximumRetryAttempts = RETRIES_MAX, maximumEventAgeSeconds }: Partial<EventInvokeRecord> = {},
): RetryPolicy {
  const { firstRetryMs, secondRetryMs } = settings;
  const wishedMs = maximumEventAgeSeconds === undefined ? settings.maxAgeMs : maximumEventAgeSeconds * 1_000;
  const maxAgeMs = Math.min(settings.maxAgeMs, wishedMs);
  return { firstRetryMs, secondRetryMs, maxAgeMs, attemptsMax: 1 + maximumRetryAttempts };
}

/** After a run that ended in `outcome`. */
export function afterRun(outcome: Outcome, invocation: AsyncInvocation, policy: RetryPolicy): Verdict {
  if (outcome.kind === 'ok') return { kind: 'done' };
  if (invocation.attempt >= policy.attemptsMax) return { kind: 'drop', reason: 'retries-exhausted' };
  return { kind: 'retry', delayMs: invocation.attempt === 1 ? policy.firstRetryMs : policy.secondRetryMs };
}

/**
 * When the platform could not run it, or cannot say whether it did: later, after as long again as the event has waited
 * so far. Each wait doubles without a count being kept. What was not even tried is never too old.
 */
export function afterFailure(error: unknown, ageMs: number, policy: RetryPolicy): Verdict {
  const tried = !UNTRIED.some(reason => isFailure(error, reason));
  if (tried && ageMs >= policy.maxAgeMs) return { kind: 'drop', reason: 'event-age-exceeded' };
  return { kind: 'defer', delayMs: deferralMs(ageMs) };
}

/** What the configuration that it needs could not be read for. */
const UNTRIED = ['registry-unavailable', 'queue-full'] as const;

/** Within the bounds of every wait of what could not start. */
export function deferralMs(wantedMs: number): number {
  return Math.min(DEFER_MAX_MS, Math.max(DEFER_MIN_MS, wantedMs));
}
