import { fail } from '@lambent/core';

/**
 * Numbers for sandboxes, from which each one's user id, address and interface name follow. What was given back is
 * given out again last, so that whatever the kernel still does for its last holder has ended.
 */
export class Slots {
  readonly #max: number;
  readonly #free: number[] = [];
  #next = 0;

  constructor(max: number) {
    this.#max = max;
  }

  take(): number {
    if (this.#next < this.#max) return this.#next++;
    const slot = this.#free.shift();
    if (slot === undefined)
      throw fail('environment-failed', { detail: `all ${this.#max} sandboxes of this worker are in use` });
    return slot;
  }

  giveBack(slot: number): void {
    this.#free.push(slot);
  }
}
