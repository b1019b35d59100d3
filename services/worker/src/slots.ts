import assert from 'node:assert/strict';

export interface SlotsOptions {
  /** How many invocations may be in flight. */
  readonly slots: number;
  readonly memoryMb: number;
}

/**
 * What this worker may use, and what is used of it: slots, each the right to have one invocation in flight, and the
 * memory of environments. Both are given as leases; disposing one twice gives back once.
 */
export class Slots {
  readonly #bounds: SlotsOptions;
  #slotsUsed = 0;
  #memoryMbUsed = 0;

  constructor(bounds: SlotsOptions) {
    this.#bounds = bounds;
  }

  get slots(): number {
    return this.#bounds.slots;
  }

  get slotsFree(): number {
    return this.#bounds.slots - this.#slotsUsed;
  }

  get memoryMbFree(): number {
    return this.#bounds.memoryMb - this.#memoryMbUsed;
  }

  /** Undefined: none is free. Held until the runtime asks for its next event or its process is reaped. */
  takeSlot(): Disposable | undefined {
    if (this.slotsFree === 0) return undefined;
    this.#slotsUsed += 1;
    return new Lease(() => {
      this.#slotsUsed -= 1;
      assert.ok(this.#slotsUsed >= 0, 'a slot is given back once');
    });
  }

  /** Undefined: so much is not free. Held until the environment has ended. */
  takeMemory(memoryMb: number): Disposable | undefined {
    if (this.memoryMbFree < memoryMb) return undefined;
    this.#memoryMbUsed += memoryMb;
    return new Lease(() => {
      this.#memoryMbUsed -= memoryMb;
      assert.ok(this.#memoryMbUsed >= 0, 'memory is given back once');
    });
  }
}

class Lease implements Disposable {
  #giveBack: (() => void) | undefined;

  constructor(giveBack: () => void) {
    this.#giveBack = giveBack;
  }

  [Symbol.dispose](): void {
    this.#giveBack?.();
    this.#giveBack = undefined;
  }
}
