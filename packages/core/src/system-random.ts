import { randomFillSync, randomUUID } from 'node:crypto';
import type { Random } from './random.ts';

/** One call into the system fills this much: ids of some hundred requests. */
const POOL_BYTES = 4_096;

/** The machine's own randomness. Short values are cut from a pool, since asking for each costs microseconds. */
export class SystemRandom implements Random {
  readonly #pool = new Uint8Array(POOL_BYTES);
  #used = POOL_BYTES;

  fraction(): number {
    return Math.random();
  }

  bytes(length: number): Uint8Array {
    if (length > POOL_BYTES) return randomFillSync(new Uint8Array(length));
    if (this.#used + length > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const bytes = this.#pool.slice(this.#used, this.#used + length);
    // What was given out is a secret of whoever asked.
    this.#pool.fill(0, this.#used, this.#used + length);
    this.#used += length;
    return bytes;
  }

  uuid(): string {
    return randomUUID();
  }
}
