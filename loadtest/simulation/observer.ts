/** One of the invariants does not hold. */
export class Violation extends Error {
  override readonly name = 'Violation';
}

interface Running {
  readonly requestId: string;
  readonly worker: string;
}

/**
 * Sees every invocation where it runs, at the sandboxes, and every change of the grants in the registry, and says at
 * once when an invariant does not hold:
 *
 * - slots: what is in flight never exceeds the limit, nor a lowered one once its term has passed, and what a worker
 *   starts never exceeds what the registry says it was granted;
 * - a synchronous invocation starts at most once.
 */
export class Observer {
  readonly #limits: { readonly slots: number; readonly fromMs: number }[] = [];
  readonly #nowMs: () => number;
  readonly #termMs: number;
  readonly #running = new Map<number, Running>();
  readonly #started = new Map<string, string>();
  #sandboxes = 0;
  #most = 0;
  #grants: ReadonlyMap<string, number> = new Map();

  constructor(options: { readonly nowMs: () => number; readonly termMs: number }) {
    this.#nowMs = options.nowMs;
    this.#termMs = options.termMs;
  }

  get inFlight(): number {
    return this.#running.size;
  }

  /** The most that was ever in flight at once. */
  get most(): number {
    return this.#most;
  }

  get starts(): number {
    return this.#started.size;
  }

  limitChanged(slots: number): void {
    this.#limits.push({ slots, fromMs: this.#nowMs() });
  }

  /** Gives what the end of this run is told by. */
  started(requestId: string, worker: string): number {
    const earlier = this.#started.get(requestId);
    if (earlier !== undefined)
      throw new Violation(`invocation ${requestId} started on ${earlier} and again on ${worker}`);
    this.#started.set(requestId, worker);
    const run = this.#sandboxes++;
    this.#running.set(run, { requestId, worker });
    this.#most = Math.max(this.#most, this.#running.size);
    const bound = this.#bound();
    if (this.#running.size > bound)
      throw new Violation(`${this.#running.size} in flight, and the limit is ${bound}: ${this.#spread()}`);
    const used = [...this.#running.values()].filter(each => each.worker === worker).length;
    const granted = this.#grants.get(worker) ?? 0;
    if (used > granted) throw new Violation(`${worker} uses ${used} slots and was granted ${granted}`);
    return run;
  }

  ended(run: number): void {
    this.#running.delete(run);
  }

  /**
   * All grants, by worker, after one was written or ended. Above a lowered limit they may be in sum, but never more
   * so than before.
   */
  granted(grants: ReadonlyMap<string, number>): void {
    const slots = this.#limits.at(-1)?.slots ?? 0;
    const [sum, before] = [sumOf(grants), sumOf(this.#grants)];
    this.#grants = grants;
    if (sum > slots && sum > before)
      throw new Violation(`grants were raised to ${sum}, and the limit is ${slots}`);
  }

  /** The highest limit that anybody may still act on. */
  #bound(): number {
    const nowMs = this.#nowMs();
    let bound = 0;
    this.#limits.forEach(({ slots }, index) => {
      const untilMs = this.#limits[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY;
      if (untilMs + this.#termMs >= nowMs) bound = Math.max(bound, slots);
    });
    return bound;
  }

  #spread(): string {
    const counts = Map.groupBy(this.#running.values(), run => run.worker);
    return [...counts].map(([worker, runs]) => `${worker} ${runs.length}`).join(', ');
  }
}

function sumOf(grants: ReadonlyMap<string, number>): number {
  return [...grants.values()].reduce((sum, slots) => sum + slots, 0);
}
