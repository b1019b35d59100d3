import { MINUTE_MS } from './idle-histogram.ts';

/** Prices, in cold starts that somebody waits for. */
export interface StayPrices {
  /** Of an environment that is idle for a minute. */
  readonly idleMinute: number;
  /** Of a start that nobody waits for. */
  readonly prewarm: number;
}

/** How long an idle environment stays, and when another one is started in its place; from when it became idle. */
export interface StayPlan {
  readonly keepMs: number;
  readonly prewarm?: { readonly fromMs: number; readonly untilMs: number };
}

/**
 * The cheapest way to wait for the next use, by backward induction over the minutes: in each, an environment that is
 * there costs its price and one that is not costs a cold start if it is used.
 */
export function planStay(hazards: Float64Array, prices: StayPrices): StayPlan {
  const costs = waitingCosts(hazards, prices);
  const keptMinutes = firstMinute(0, hazards.length, minute => !staysAt(costs, minute));
  const from = firstMinute(keptMinutes, hazards.length, minute => startsAt(costs, minute, prices));
  const keepMs = keptMinutes * MINUTE_MS;
  if (from === hazards.length) return { keepMs };
  const until = firstMinute(from, hazards.length, minute => !staysAt(costs, minute));
  return { keepMs, prewarm: { fromMs: from * MINUTE_MS, untilMs: until * MINUTE_MS } };
}

/** What a cold start is more than an environment that was idle so long: what is lost when it goes. */
export function worthOf(hazards: Float64Array, prices: StayPrices, idleMs: number): number {
  const { present, absent } = waitingCosts(hazards, prices);
  const minute = Math.min(hazards.length, Math.floor(idleMs / MINUTE_MS));
  return Math.max(0, (absent[minute] ?? 0) - (present[minute] ?? 0));
}

/** What is to be paid from each minute on, with an environment in that minute and without; one more than minutes. */
interface WaitingCosts {
  readonly present: Float64Array;
  readonly absent: Float64Array;
}

function waitingCosts(hazards: Float64Array, { idleMinute, prewarm }: StayPrices): WaitingCosts {
  const present = new Float64Array(hazards.length + 1).fill(1);
  const absent = new Float64Array(hazards.length + 1).fill(1);
  for (let minute = hazards.length - 1; minute >= 0; minute -= 1) {
    const used = hazards[minute] ?? 0;
    const presentNext = present[minute + 1] ?? 1;
    const absentNext = absent[minute + 1] ?? 1;
    present[minute] = (1 - used) * (idleMinute + Math.min(presentNext, absentNext));
    absent[minute] = used + (1 - used) * Math.min(absentNext, prewarm + presentNext);
  }
  return { present, absent };
}

function staysAt({ present, absent }: WaitingCosts, minute: number): boolean {
  return (present[minute] ?? 1) < (absent[minute] ?? 1);
}

function startsAt({ present, absent }: WaitingCosts, minute: number, { prewarm }: StayPrices): boolean {
  return prewarm + (present[minute] ?? 1) < (absent[minute] ?? 1);
}

function firstMinute(from: number, end: number, holds: (minute: number) => boolean): number {
  let minute = from;
  while (minute < end && !holds(minute)) minute += 1;
  return minute;
}
