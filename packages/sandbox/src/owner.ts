import { createHash } from 'node:crypto';

/**
 * A worker's bound on sandboxes at one time, and so on user ids and addresses. Far above what memory allows: 4,096
 * of the smallest size are 512 GB.
 */
export const SANDBOXES_MAX = 4_096;

/** What is derived from an owner's id, so that two owners on one machine do not meet. */
export class Owner {
  readonly id: string;
  readonly #hash: Buffer;

  constructor(id: string) {
    if (!OWNER_ID.test(id)) throw new RangeError(`an owner's id is ${OWNER_ID}, not ${id}`);
    this.id = id;
    this.#hash = createHash('sha256').update(id).digest();
  }

  /** Seven characters: interface names hold fifteen, and `lm`, a dash and the slot belong to them too. */
  get tag(): string {
    return this.#hash.readUInt32BE(0).toString(36).padStart(7, '0');
  }

  /** A number of 31 bits, the same for the same id, never 0. */
  get number(): number {
    return this.#hash.readUInt32BE(4) >>> 1 || 1;
  }
}

const OWNER_ID = /^[a-z0-9-]{1,32}$/;
