import { IdleHistogram } from './idle-histogram.ts';
import { planStay, type StayPlan, type StayPrices, worthOf } from './stay-plan.ts';

/**
 * What was seen of the functions: how long each one's environments are idle between uses. Pure: it is told, and decides
 * by nothing else, so that a simulation of a day takes the decisions that a worker takes.
 *
 * It remembers functions that have no environment now; past `FUNCTIONS_MAX` the one used longest ago is forgotten, and
 * is then treated as one never seen.
 */
export class IdleHabits {
  /** In order of last use, the oldest first. */
  readonly #functions = new Map<string, Habit>();
  readonly #unknown: Habit = { histogram: new IdleHistogram() };
  readonly #prices: StayPrices;

  constructor(prices: StayPrices = STAY_PRICES) {
    this.#prices = prices;
  }

  /** An environment was idle for so long, and then used; or would have been, had it stayed. */
  used(functionId: string, idleMs: number): void {
    const habit = this.#functions.get(functionId) ?? { histogram: new IdleHistogram() };
    habit.histogram.record(idleMs);
    habit.plan = undefined;
    this.#functions.delete(functionId);
    this.#functions.set(functionId, habit);
    const [oldest] = this.#functions.keys();
    if (this.#functions.size > FUNCTIONS_MAX && oldest !== undefined) this.#functions.delete(oldest);
  }

  plan(functionId: string): StayPlan {
    const habit = this.#habitOf(functionId);
    habit.plan ??= planStay(habit.histogram.hazards(), this.#prices);
    return habit.plan;
  }

  /**
   * What is lost when an environment goes that was idle for so long: at most 1, a cold start for certain. Nothing is
   * started in its place, since it goes where memory is short.
   */
  worth(functionId: string, idleMs: number): number {
    return worthOf(this.#habitOf(functionId).histogram.hazards(), { ...this.#prices, prewarm: 1 }, idleMs);
  }

  #habitOf(functionId: string): Habit {
    return this.#functions.get(functionId) ?? this.#unknown;
  }
}

interface Habit {
  readonly histogram: IdleHistogram;
  /** Made when it is asked for, and good until something is recorded. */
  plan?: StayPlan | undefined;
}

/**
 * On a day of 1,000 real functions idle memory is then what ten minutes for each would take, and half as many start cold
 * (`npm run simulate -- --keep-alive`): a cold start is worth an environment idle for some twenty minutes, and a start
 * that nobody waits for a third of one that somebody does.
 */
export const STAY_PRICES: StayPrices = { idleMinute: 0.045, prewarm: 0.3 };

/** What one worker sees of a cell's functions; 4 MB. */
const FUNCTIONS_MAX = 10_000;
