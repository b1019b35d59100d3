export { IdleHabits, STAY_PRICES } from './idle-habits.ts';
export { MINUTE_MS } from './idle-histogram.ts';
export type { StayPlan, StayPrices } from './stay-plan.ts';
