import type { Clock } from '@lambent/core';
import type { Environment } from '../environment.ts';
import { type Absence, Absences } from './absences.ts';
import { IdleHabits } from './idle-habits.ts';
import type { StayPlan } from './stay-plan.ts';

export interface RetentionOptions {
  /** Undefined: as long as the function's habits make it worth while. */
  readonly keepAliveMs: number | undefined;
  readonly clock: Clock;
}

/** Which idle environments stay: learns from how this worker's are used, and says what each one is worth. */
export class Retention {
  readonly #options: RetentionOptions;
  readonly #habits = new IdleHabits();
  readonly #absences = new Absences();

  constructor(options: RetentionOptions) {
    this.#options = options;
  }

  /** An invocation takes it now. */
  used(environment: Environment): void {
    const { functionId } = environment.key;
    // What nobody has used yet says nothing, unless it came in the place of one that went.
    if (!environment.fresh || this.#absences.get(functionId))
      this.#habits.used(functionId, this.#idleMs(environment));
    this.#absences.end(functionId);
  }

  /** Whether its time is up. */
  overstays(environment: Environment): boolean {
    const { keepAliveMs, clock } = this.#options;
    // What it waits for is a version's next environment, which the habits of those in use say nothing of.
    if (environment.standby) return false;
    const ownIdleMs = clock.monotonicMs() - environment.idleSinceMs;
    if (keepAliveMs !== undefined) return ownIdleMs >= keepAliveMs;
    if (ownIdleMs < STAY_MS_MIN) return false;
    return !isThere(this.#habits.plan(environment.key.functionId), this.#idleMs(environment));
  }

  /** What is lost when it goes, by the megabyte that is won: the chance that it is missed times what a start takes. */
  worth(environment: Environment): number {
    const used = this.#habits.worth(environment.key.functionId, this.#idleMs(environment));
    return (used * environment.initMs) / environment.spec.memoryMb;
  }

  /** Ends one that is idle. */
  letGo(environment: Environment): Promise<void> {
    const { key, spec, idleSinceMs, fresh, standby } = environment;
    const stillAway = fresh && this.#absences.get(key.functionId);
    if (!stillAway && !standby) this.#absences.left(key.functionId, { spec, sinceMs: idleSinceMs });
    return environment.end();
  }

  /** Functions of which an environment should be there again by now; each is told once for each absence. */
  *missed(): Iterable<Absence> {
    const { keepAliveMs, clock } = this.#options;
    if (keepAliveMs !== undefined) return;
    const nowMs = clock.monotonicMs();
    for (const [functionId, absence] of this.#absences.all()) {
      const idleMs = nowMs - absence.sinceMs;
      const { prewarm } = this.#habits.plan(functionId);
      if (absence.prewarmed || !prewarm || idleMs < prewarm.fromMs || idleMs >= prewarm.untilMs) continue;
      absence.prewarmed = true;
      yield absence;
    }
  }

  /** Since the function was used, if this one came in the place of another. */
  #idleMs({ key, fresh, idleSinceMs }: Environment): number {
    const absence = fresh ? this.#absences.get(key.functionId) : undefined;
    return this.#options.clock.monotonicMs() - (absence?.sinceMs ?? idleSinceMs);
  }
}

function isThere({ keepMs, prewarm }: StayPlan, idleMs: number): boolean {
  return idleMs < keepMs || (prewarm !== undefined && idleMs >= prewarm.fromMs && idleMs < prewarm.untilMs);
}

/** Longer than a router lets whoever it was started for wait. */
const STAY_MS_MIN = 30_000;
