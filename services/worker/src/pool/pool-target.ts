export interface PoolTargetOptions {
  readonly min: number;
  readonly max: number;
}

/**
 * How many sandboxes of one kind should wait: one more for each start that found none, at once; and after each period
 * fewer by those that it never needed. So a burst meets as many as the last one wanted, and a quiet time costs little.
 */
export class PoolTarget {
  readonly #options: PoolTargetOptions;
  #target: number;
  /** The fewest that waited at any time of the period. */
  #fewest = 0;

  constructor(options: PoolTargetOptions) {
    this.#options = options;
    this.#target = options.min;
  }

  get value(): number {
    return this.#target;
  }

  missed(): void {
    this.#target = Math.min(this.#options.max, this.#target + 1);
    this.#fewest = 0;
  }

  /** So many are left after one was taken. */
  taken(left: number): void {
    this.#fewest = Math.min(this.#fewest, left);
  }

  /** A period is over, at whose end so many wait. */
  review(waiting: number): void {
    this.#target = Math.max(this.#options.min, this.#target - this.#fewest);
    this.#fewest = Math.min(waiting, this.#target);
  }
}
