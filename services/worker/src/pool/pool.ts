import { PoolTarget, type PoolTargetOptions } from './pool-target.ts';
import type { WaitingSandbox } from './waiting-sandbox.ts';

/** One that waits, and the memory it holds meanwhile. */
export interface Waiting {
  readonly sandbox: WaitingSandbox;
  readonly memory: Disposable;
  readonly memoryMb: number;
}

/** The sandboxes of one kind that wait: any of them can be given to the same functions. */
export class Pool {
  /** Since when no start wanted one. */
  wantedMs: number;
  /** Until then none is started: the last one could not be. */
  pausedUntilMs = 0;
  readonly #target: PoolTarget;
  /** The one that has waited longest stands first. */
  readonly #waiting: Waiting[] = [];

  constructor(options: PoolTargetOptions, nowMs: number) {
    this.#target = new PoolTarget(options);
    this.wantedMs = nowMs;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  get memoryMb(): number {
    return this.#waiting.reduce((sum, { memoryMb }) => sum + memoryMb, 0);
  }

  /** How many more should wait; negative: how many too many do. */
  get lacking(): number {
    return this.#target.value - this.#waiting.length;
  }

  add(waiting: Waiting): void {
    this.#waiting.push(waiting);
  }

  take(nowMs: number): Waiting | undefined {
    this.wantedMs = nowMs;
    const taken = this.#waiting.shift();
    if (taken) this.#target.taken(this.#waiting.length);
    else this.#target.missed();
    return taken;
  }

  /** Without any demand behind it: to make room, or because too many wait. */
  drop(): Waiting | undefined {
    return this.#waiting.shift();
  }

  /** One has ended by itself; false when it waits here no more. */
  remove(waiting: Waiting): boolean {
    const index = this.#waiting.indexOf(waiting);
    if (index === -1) return false;
    this.#waiting.splice(index, 1);
    return true;
  }

  review(): void {
    this.#target.review(this.#waiting.length);
  }
}
