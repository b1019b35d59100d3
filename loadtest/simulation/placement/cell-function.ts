import { create } from '@bufbuild/protobuf';
import {
  type EnvironmentKey,
  EnvironmentKeySchema,
  type EnvironmentKeyText,
  type EnvironmentSpec,
  EnvironmentSpecSchema,
  environmentKeyText,
} from '@lambent/contracts';
import type { Random } from '@lambent/core';
import type { Vacancies } from '@lambent/router';
import type { CellWorker } from './cell-worker.ts';
import { CONCURRENCY, type FunctionLoad, poisson } from './function-load.ts';

/** How the calls of a cell were served. */
export interface Served {
  calls: number;
  /** Found an environment idle: nobody was asked. */
  atOnce: number;
  /** Waited for an environment that another call was in. */
  freed: number;
  /** Waited for one that was started. */
  cold: number;
}

/** Whom calls are sent to, and what came of it: one of each for all functions of a cell. */
export interface Routing {
  readonly vacancies: Vacancies<CellWorker>;
  served: Served;
}

/**
 * A function of a cell: its calls, and who runs each. Where a call goes is the router's own choice; one that it knows
 * nobody for waits for whatever comes first, an environment that is free again or a new one.
 */
export class CellFunction {
  readonly spec: EnvironmentSpec;
  readonly key: EnvironmentKey;
  readonly load: FunctionLoad;
  /** Calls that no environment is there for. */
  waiting = 0;
  /** Environments that no call is in. */
  idle = 0;
  readonly #keyText: EnvironmentKeyText;
  readonly #routing: Routing;
  /** Who runs what ends in a second. */
  readonly #ends = new Map<number, CellWorker[]>();
  #inFlight = 0;
  #second = 0;

  constructor(number: number, load: FunctionLoad, routing: Routing) {
    this.load = load;
    this.#routing = routing;
    this.key = create(EnvironmentKeySchema, { functionId: `f-${number}`, version: '1', revision: 1n });
    this.#keyText = environmentKeyText(this.key);
    this.spec = create(EnvironmentSpecSchema, {
      key: this.key,
      functionName: `f-${number}`,
      runtime: 'nodejs24.x',
      memoryMb: load.memoryMb,
      codeSha256: `c-${number}`,
    });
  }

  /** What ran already when the peak begins. */
  begin(random: Random): void {
    const { perSecond, durationSeconds, warm } = this.load;
    if (durationSeconds < 1) return;
    const running = Math.min(warm, poisson((perSecond[0] ?? 0) * durationSeconds, random));
    for (let run = 0; run < running; run++) this.#call(Math.ceil(random.fraction() * durationSeconds));
  }

  /** Plays one second. Past its concurrency no calls come. */
  play(second: number, random: Random): void {
    this.#second = second;
    const over = this.#ends.get(second) ?? [];
    this.#ends.delete(second);
    for (const worker of over) this.#ended(worker);
    const coming = poisson(this.load.perSecond[Math.floor(second / 60)] ?? 0, random);
    const atOnce = Math.max(1, Math.ceil(coming * this.load.durationSeconds));
    for (let call = 0; call < coming; call++) {
      this.#makeRoom(atOnce);
      if (this.#inFlight + this.waiting >= CONCURRENCY) return;
      this.#call();
    }
  }

  /** One more environment is there. */
  gained(worker: CellWorker): void {
    worker.change(this, { starting: -1, ready: 1 });
    if (this.waiting > 0) this.#routing.served.cold += 1;
    this.#isFree(worker);
  }

  /** Of calls that last less than a second so many run at once: the first has ended when one more comes. */
  #makeRoom(atOnce: number): void {
    if (this.load.durationSeconds >= 1) return;
    const running = this.#ends.get(this.#second + 1) ?? [];
    const first = running.length + this.waiting >= atOnce ? running.shift() : undefined;
    if (first) this.#ended(first);
  }

  #call(seconds?: number): void {
    const { vacancies, served } = this.#routing;
    const worker = vacancies.take(this.#keyText, NOBODY);
    served.calls += 1;
    if (!worker) {
      this.waiting += 1;
      return;
    }
    served.atOnce += 1;
    this.idle -= 1;
    this.#run(worker, seconds);
  }

  #run(worker: CellWorker, seconds = Math.max(1, Math.round(this.load.durationSeconds))): void {
    worker.change(this, { busy: 1 });
    this.#inFlight += 1;
    const end = this.#second + seconds;
    const others = this.#ends.get(end);
    if (others) others.push(worker);
    else this.#ends.set(end, [worker]);
  }

  #ended(worker: CellWorker): void {
    worker.change(this, { busy: -1 });
    this.#inFlight -= 1;
    if (this.waiting > 0) this.#routing.served.freed += 1;
    this.#isFree(worker);
  }

  /** One of its environments is: for one who waits, or as a vacancy. */
  #isFree(worker: CellWorker): void {
    if (this.waiting > 0) {
      this.waiting -= 1;
      this.#run(worker);
    } else {
      this.idle += 1;
      this.#routing.vacancies.set(this.#keyText, worker, worker.idle(this));
    }
  }
}

const NOBODY: ReadonlySet<CellWorker> = new Set();
