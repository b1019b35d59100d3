import type { Timer } from '@lambent/core';

/**
 * What lies between two members of an embedded network.
 *
 * Promises: deliveries from one member to another happen in the order they were handed over, never inside `carry`
 * itself; a wire that is cut holds them until it is mended.
 */
export interface Wire {
  carry(from: string, to: string, deliver: () => void): void;
  /** Calls `late` after `timeoutMs` unless cancelled: how long somebody waits at an end of this wire. */
  expire(timeoutMs: number, late: () => void): Timer;
}
