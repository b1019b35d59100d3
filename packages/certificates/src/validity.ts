import type { Clock } from '@lambent/core';

export const DAY_MS = 24 * 60 * 60 * 1_000;
/** Machines' clocks differ: what was made just now on one is valid at once on all. */
const CLOCK_SKEW_MS = 5 * 60 * 1_000;

export function validFor(clock: Clock, days: number): { notBefore: Date; notAfter: Date } {
  const nowMs = clock.nowMs();
  return { notBefore: new Date(nowMs - CLOCK_SKEW_MS), notAfter: new Date(nowMs + days * DAY_MS) };
}
