import { type Clock, SystemClock, type Timer } from '@lambent/core';
import type { Wire } from './wire.ts';

/** No distance at all: delivers at the end of the current step, so that nobody is called back while sending. */
export class DirectWire implements Wire {
  readonly #clock: Clock;

  constructor(options: { clock?: Clock } = {}) {
    this.#clock = options.clock ?? new SystemClock();
  }

  carry(_from: string, _to: string, deliver: () => void): void {
    queueMicrotask(deliver);
  }

  expire(timeoutMs: number, late: () => void): Timer {
    return this.#clock.setTimer(timeoutMs, late);
  }
}
