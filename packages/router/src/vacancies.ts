import type { EnvironmentKeyText } from '@lambent/contracts';

/**
 * How many idle environments this router believes each worker holds. Hints: a worker told a number once, and this
 * router counts down what it sent there since. Believing too much costs one bounce, too little one cold start.
 */
export class Vacancies<Worker extends Accepting> {
  readonly #byKey = new Map<EnvironmentKeyText, Map<Worker, number>>();

  /** What the worker itself says, in place of whatever was believed. */
  set(key: EnvironmentKeyText, worker: Worker, idle: number): void {
    const workers = this.#byKey.get(key);
    if (idle > 0) {
      if (workers) workers.set(worker, idle);
      else this.#byKey.set(key, new Map([[worker, idle]]));
      return;
    }
    if (workers?.delete(worker) && workers.size === 0) this.#byKey.delete(key);
  }

  /**
   * The worker with most believed idle, and of those the one that has least in flight, counted down by one; undefined
   * when there is none but the excluded.
   */
  take(key: EnvironmentKeyText, excluded: ReadonlySet<Worker>): Worker | undefined {
    const workers = this.#byKey.get(key);
    if (!workers) return undefined;
    let best: Worker | undefined;
    let most = 0;
    for (const [worker, idle] of workers) {
      const isBetter = idle > most || (idle === most && best && worker.inFlight < best.inFlight);
      if (isBetter && worker.accepting && !excluded.has(worker)) {
        best = worker;
        most = idle;
      }
    }
    if (best) this.set(key, best, most - 1);
    return best;
  }

  /** Whether any worker is believed to have one idle. */
  has(key: EnvironmentKeyText): boolean {
    return this.#byKey.has(key);
  }

  /** Nothing is believed of this worker any more. */
  forget(worker: Worker): void {
    for (const key of [...this.#byKey.keys()]) this.set(key, worker, 0);
  }
}

/** A worker, as far as a router chooses by it. */
interface Accepting {
  /** Whether new invocations may be sent there. */
  readonly accepting: boolean;
  /** How much this router has out there. */
  readonly inFlight: number;
}
