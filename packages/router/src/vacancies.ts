import type { EnvironmentKeyText } from '@lambent/contracts';
import type { WorkerConnection } from './worker-connection.ts';

/**
 * How many idle environments this router believes each worker holds. Hints: a worker told a number once, and this
 * router counts down what it sent there since. Believing too much costs one bounce, too little one cold start.
 */
export class Vacancies {
  readonly #byKey = new Map<EnvironmentKeyText, Map<WorkerConnection, number>>();

  /** What the worker itself says, in place of whatever was believed. */
  set(key: EnvironmentKeyText, worker: WorkerConnection, idle: number): void {
    const workers = this.#byKey.get(key);
    if (idle > 0) {
      if (workers) workers.set(worker, idle);
      else this.#byKey.set(key, new Map([[worker, idle]]));
      return;
    }
    if (workers?.delete(worker) && workers.size === 0) this.#byKey.delete(key);
  }

  /** The worker with most believed idle, counted down by one; undefined when there is none but the excluded. */
  take(key: EnvironmentKeyText, excluded: ReadonlySet<WorkerConnection>): WorkerConnection | undefined {
    const workers = this.#byKey.get(key);
    if (!workers) return undefined;
    let best: WorkerConnection | undefined;
    let most = 0;
    for (const [worker, idle] of workers) {
      if (idle > most && worker.accepting && !excluded.has(worker)) {
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
  forget(worker: WorkerConnection): void {
    for (const key of [...this.#byKey.keys()]) this.set(key, worker, 0);
  }
}
