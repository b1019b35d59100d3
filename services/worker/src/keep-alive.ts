import type { Clock, Timer } from '@lambent/core';
import type { Environments } from './environments.ts';

/** Ends environments that were idle for longer than they are kept. */
export class KeepAlive implements Disposable {
  readonly #options: {
    readonly environments: Environments;
    readonly keepAliveMs: number;
    readonly clock: Clock;
  };
  #timer: Timer;

  constructor(options: { environments: Environments; keepAliveMs: number; clock: Clock }) {
    this.#options = options;
    this.#timer = this.#nextSweep();
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #nextSweep(): Timer {
    return this.#options.clock.setTimer(SWEEP_MS, () => {
      this.#sweep();
      this.#timer = this.#nextSweep();
    });
  }

  #sweep(): void {
    const { environments, keepAliveMs, clock } = this.#options;
    const sinceMs = clock.monotonicMs() - keepAliveMs;
    for (const environment of environments.spare()) {
      if (environment.idleSinceMs <= sinceMs) environment.retire();
    }
  }
}

/** Looking at all is cheaper than a timer for each, which every invocation would set anew. */
const SWEEP_MS = 1_000;
