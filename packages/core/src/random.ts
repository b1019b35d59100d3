/**
 * Randomness, as a port. What must not be guessed (ids, tokens) comes from `bytes` and `uuid`; what only spreads
 * load or jitters a delay comes from `fraction`. A seeded adapter makes a whole run repeatable.
 */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** `length` unpredictable bytes. */
  bytes(length: number): Uint8Array;
  /** A random (version 4) UUID, lower case. */
  uuid(): string;
}
