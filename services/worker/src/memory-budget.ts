import assert from 'node:assert/strict';

/** The memory that environments may take of this machine, given whole or not at all. */
export class MemoryBudget {
  readonly #memoryMb: number;
  #usedMb = 0;

  constructor(memoryMb: number) {
    this.#memoryMb = memoryMb;
  }

  get totalMb(): number {
    return this.#memoryMb;
  }

  get freeMb(): number {
    return this.#memoryMb - this.#usedMb;
  }

  /** Undefined: so much is not free. Held until it is disposed of, which gives back once. */
  take(memoryMb: number): Disposable | undefined {
    if (this.freeMb < memoryMb) return undefined;
    this.#usedMb += memoryMb;
    let held = true;
    return {
      [Symbol.dispose]: () => {
        if (held) this.#usedMb -= memoryMb;
        held = false;
        assert.ok(this.#usedMb >= 0, 'memory is given back once');
      },
    };
  }
}
