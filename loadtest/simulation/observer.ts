import type { LimitsObserver } from './limits-observer.ts';
import { Violation } from './violation.ts';

interface Running {
  readonly requestId: string;
  readonly worker: string;
  readonly functionId: string;
  /** Whether everybody had heard by then that its function has a reservation. */
  readonly reserved: boolean;
}

/**
 * Sees every invocation where it runs, at the sandboxes, and says at once when an invariant does not hold:
 *
 * - slots: what is in flight never exceeds the account's limit, nor what is of a function its reservation, nor a
 *   lowered one once its term has passed, and what a worker starts never exceeds what the registry says it was granted;
 * - a synchronous invocation starts at most once.
 */
export class Observer {
  readonly #limits: LimitsObserver;
  readonly #running = new Map<number, Running>();
  readonly #started = new Map<string, string>();
  #sandboxes = 0;
  #most = 0;

  constructor(limits: LimitsObserver) {
    this.#limits = limits;
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

  /** Gives what the end of this run is told by. */
  started(requestId: string, worker: string, functionId: string): number {
    const earlier = this.#started.get(requestId);
    if (earlier !== undefined)
      throw new Violation(`invocation ${requestId} started on ${earlier} and again on ${worker}`);
    this.#started.set(requestId, worker);
    const run = this.#sandboxes++;
    const reserved = this.#limits.reservedBound(functionId);
    this.#running.set(run, { requestId, worker, functionId, reserved: reserved !== undefined });
    this.#most = Math.max(this.#most, this.#running.size);
    const { accountBound } = this.#limits;
    if (this.#running.size > accountBound)
      throw new Violation(
        `${this.#running.size} in flight, and the limit is ${accountBound}: ${this.#spread()}`,
      );
    const own = this.#count(each => each.functionId === functionId && each.reserved);
    if (reserved !== undefined && own > reserved)
      throw new Violation(`${own} of ${functionId} in flight, and ${reserved} are reserved`);
    const used = this.#count(each => each.worker === worker);
    const granted = this.#limits.grantedTo(worker);
    if (used > granted) throw new Violation(`${worker} uses ${used} slots and was granted ${granted}`);
    return run;
  }

  ended(run: number): void {
    this.#running.delete(run);
  }

  #count(matches: (running: Running) => boolean): number {
    return [...this.#running.values()].filter(matches).length;
  }

  #spread(): string {
    const counts = Map.groupBy(this.#running.values(), run => run.worker);
    return [...counts].map(([worker, runs]) => `${worker} ${runs.length}`).join(', ');
  }
}
