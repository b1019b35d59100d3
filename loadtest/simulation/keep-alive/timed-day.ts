import { MINUTE_MS, type StayPlan } from '@lambent/worker/keep-alive';
import { type FunctionDay, type Score, scoreOf } from './score.ts';
import type { TracedFunction } from './traced-function.ts';

/** How long environments stay, for one function; as the worker's habits, or a fixed time. */
export interface Stay {
  plan(): StayPlan;
  used(idleMs: number): void;
}

/** The day with as much memory as the policy asks for: each function by itself. */
export function playTimed(functions: readonly TracedFunction[], stayOf: () => Stay): Score {
  return scoreOf(functions.map(({ counts }) => playFunction(counts, stayOf())));
}

export function fixedStay(minutes: number): Stay {
  const plan = { keepMs: minutes * MINUTE_MS };
  return { plan: () => plan, used: () => undefined };
}

function playFunction(counts: readonly number[], stay: Stay): FunctionDay {
  const day = { cold: 0, idleMinutes: 0, prewarmed: 0, invocations: counts.reduce((sum, n) => sum + n, 0) };
  const first = counts.findIndex(count => count > 0);
  if (first === -1) return day;
  day.cold = 1;
  let lastUsed = first;
  let plan = stay.plan();
  for (let minute = first + 1; minute < counts.length; minute += 1) {
    const idleMs = (minute - lastUsed - 1) * MINUTE_MS;
    const there = isThere(plan, idleMs);
    if (plan.prewarm?.fromMs === idleMs) day.prewarmed += 1;
    if (counts[minute] === 0) {
      if (there) day.idleMinutes += 1;
      continue;
    }
    if (!there) day.cold += 1;
    // Within the minute, as the trace does not say when.
    stay.used(idleMs + MINUTE_MS / 2);
    lastUsed = minute;
    plan = stay.plan();
  }
  return day;
}

function isThere({ keepMs, prewarm }: StayPlan, idleMs: number): boolean {
  return idleMs < keepMs || (prewarm !== undefined && idleMs >= prewarm.fromMs && idleMs < prewarm.untilMs);
}
