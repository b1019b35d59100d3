import { create } from '@bufbuild/protobuf';
import {
  type EnvironmentKey,
  EnvironmentKeySchema,
  type EnvironmentSpec,
  EnvironmentSpecSchema,
} from '@lambent/contracts';
import type { Random } from '@lambent/core';
import type { CellWorker } from './cell-worker.ts';
import { CONCURRENCY, type FunctionLoad, poisson } from './function-load.ts';

/** A function of a cell: how many calls it has in flight, and on which workers its environments are. */
export class CellFunction {
  readonly spec: EnvironmentSpec;
  readonly key: EnvironmentKey;
  readonly load: FunctionLoad;
  readonly workers = new Set<CellWorker>();
  ready = 0;
  /** Calls that no environment is there for. */
  waiting = 0;
  /** In flight that outlast the second they came in, by the second they end in. */
  readonly #ends = new Map<number, number>();
  #lasting = 0;
  #busy = 0;

  constructor(number: number, load: FunctionLoad) {
    this.load = load;
    this.key = create(EnvironmentKeySchema, { functionId: `f-${number}`, version: '1', revision: 1n });
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
    for (let run = 0; run < running; run++) this.#runUntil(Math.ceil(random.fraction() * durationSeconds), 1);
  }

  /** Plays one second; how many calls came, and how many of them found an environment. */
  play(second: number, random: Random): { readonly calls: number; readonly warm: number } {
    const { perSecond, durationSeconds } = this.load;
    const calls = poisson(perSecond[Math.floor(second / 60)] ?? 0, random);
    this.#lasting -= this.#ends.get(second) ?? 0;
    this.#ends.delete(second);
    if (calls > 0 && durationSeconds >= 1) {
      const taken = Math.min(calls, CONCURRENCY - this.#lasting);
      this.#runUntil(second + Math.round(durationSeconds), taken);
    }
    const brief = durationSeconds < 1 && calls > 0 ? Math.max(1, Math.ceil(calls * durationSeconds)) : 0;
    const inFlight = Math.min(CONCURRENCY, this.#lasting + brief);
    const before = this.waiting;
    this.waiting = Math.max(0, inFlight - this.ready);
    this.#spread(Math.min(inFlight, this.ready));
    return { calls, warm: calls - Math.min(calls, Math.max(0, this.waiting - before)) };
  }

  /** One more environment is there: one who waits takes it. */
  gained(worker: CellWorker): void {
    this.ready += 1;
    worker.change(this, { starting: -1, ready: 1 });
    if (this.waiting === 0) return;
    this.waiting -= 1;
    this.#busy += 1;
    worker.change(this, { busy: 1 });
  }

  #runUntil(second: number, count: number): void {
    this.#ends.set(second, (this.#ends.get(second) ?? 0) + count);
    this.#lasting += count;
  }

  /** Routers send to whoever has most idle: every worker has about the same part of its own busy. */
  #spread(busy: number): void {
    if (busy === 0 && this.#busy === 0) return;
    let [passed, given] = [0, 0];
    for (const worker of this.workers) {
      const held = worker.of(this);
      passed += held.ready;
      const upToHere = Math.round((passed * busy) / Math.max(1, this.ready));
      worker.change(this, { busy: upToHere - given - held.busy });
      given = upToHere;
    }
    this.#busy = busy;
  }
}
