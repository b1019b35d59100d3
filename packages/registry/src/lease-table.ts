import { type Clock, fail, type Random, type Timer } from '@lambent/core';
import type { LeaseId } from './registry.ts';

/** A worker holds two; the rest is a leak. */
export const LEASES_MAX = 4_096;

interface Lease {
  readonly ttlMs: number;
  readonly timer: Timer;
}

/** Which leases live, and when each ends. In memory only: a lease does not outlive the process of its holder. */
export class LeaseTable implements Disposable {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #expired: (lease: LeaseId) => void;
  readonly #leases = new Map<LeaseId, Lease>();

  constructor(options: { clock: Clock; random: Random; expired: (lease: LeaseId) => void }) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#expired = options.expired;
  }

  grant(ttlMs: number): LeaseId {
    if (this.#leases.size >= LEASES_MAX) throw fail('queue-full', { queue: 'leases', max: LEASES_MAX });
    const lease = this.#random.uuid() as LeaseId;
    this.#start(lease, ttlMs);
    return lease;
  }

  has(lease: LeaseId): boolean {
    return this.#leases.has(lease);
  }

  /** False: it has ended. */
  renew(lease: LeaseId): boolean {
    const held = this.#leases.get(lease);
    if (!held) return false;
    this.#start(lease, held.ttlMs);
    return true;
  }

  end(lease: LeaseId): void {
    this.#leases.get(lease)?.timer.cancel();
    this.#leases.delete(lease);
  }

  /** Time stands still for all of them. */
  pause(): void {
    for (const { timer } of this.#leases.values()) timer.cancel();
  }

  /** Every one begins its time anew. */
  resume(): void {
    for (const [lease, { ttlMs }] of [...this.#leases]) this.#start(lease, ttlMs);
  }

  /** None expires any more. */
  [Symbol.dispose](): void {
    for (const { timer } of this.#leases.values()) timer.cancel();
    this.#leases.clear();
  }

  /** Its earlier time counts no more. */
  #start(lease: LeaseId, ttlMs: number): void {
    this.#leases.get(lease)?.timer.cancel();
    const timer = this.#clock.setTimer(ttlMs, () => {
      this.#leases.delete(lease);
      this.#expired(lease);
    });
    this.#leases.set(lease, { ttlMs, timer });
  }
}
