import { IdleHabits, MINUTE_MS, type StayPrices } from '@lambent/worker/keep-alive';
import type { EvictionOrder } from './bounded-day.ts';
import type { Stay } from './timed-day.ts';

/** The worker's own policy, for one function. */
export function learnedStay(prices?: StayPrices): Stay {
  const habits = new IdleHabits(prices);
  return { plan: () => habits.plan(ONLY), used: idleMs => habits.used(ONLY, idleMs) };
}

/** The worker's own order. */
export function learnedOrder(prices?: StayPrices): EvictionOrder {
  const habits = new IdleHabits(prices);
  return {
    used: (id, idleMinutes) => habits.used(id, (idleMinutes + 0.5) * MINUTE_MS),
    worth: (id, idleMinutes) => habits.worth(id, idleMinutes * MINUTE_MS),
  };
}

const ONLY = 'function';
