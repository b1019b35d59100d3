import { isFailure, type Outcome } from '@lambent/core';
import type { AsyncInvocation } from '@lambent/functions';

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
}

/** AWS tries a function error twice more. */
const ATTEMPTS_MAX = 3;
/** AWS's back-off for what could not start, from one second to five minutes. */
const DEFER_MIN_MS = 1_000;
const DEFER_MAX_MS = 300_000;

/** After a run that ended in `outcome`. */
export function afterRun(outcome: Outcome, invocation: AsyncInvocation, policy: RetryPolicy): Verdict {
  if (outcome.kind === 'ok') return { kind: 'done' };
  if (invocation.attempt >= ATTEMPTS_MAX) return { kind: 'drop', reason: 'retries-exhausted' };
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
