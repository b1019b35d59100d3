import type { EnvironmentSpec } from '@lambent/contracts';

/** A function whose environment went while it was idle. */
export interface Absence {
  readonly spec: EnvironmentSpec;
  /** Monotonic time since which it was idle. */
  readonly sinceMs: number;
  /** Whether another one was started in its place before somebody came. */
  prewarmed: boolean;
}

/**
 * Functions that may be missed: what comes next tells how long the environment that went would have been idle. Past
 * `ABSENCES_MAX` the one that went first is forgotten.
 */
export class Absences {
  readonly #functions = new Map<string, Absence>();

  /** Of several environments of a function the one used last counts: it would have been taken first. */
  left(functionId: string, { spec, sinceMs }: Omit<Absence, 'prewarmed'>): void {
    const known = this.#functions.get(functionId);
    this.#functions.delete(functionId);
    const later = Math.max(sinceMs, known?.sinceMs ?? sinceMs);
    this.#functions.set(functionId, { spec, sinceMs: later, prewarmed: known?.prewarmed ?? false });
    const [first] = this.#functions.keys();
    if (this.#functions.size > ABSENCES_MAX && first !== undefined) this.#functions.delete(first);
  }

  get(functionId: string): Absence | undefined {
    return this.#functions.get(functionId);
  }

  /** Somebody came. */
  end(functionId: string): void {
    this.#functions.delete(functionId);
  }

  all(): Iterable<readonly [functionId: string, absence: Absence]> {
    return this.#functions;
  }
}

/** Each holds a configuration, of a few kilobytes with its variables. */
const ABSENCES_MAX = 4_000;
