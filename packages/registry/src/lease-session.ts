import { type Clock, isFailure, type Timer } from '@lambent/core';
import type { LeaseId, Registry } from './registry.ts';

export interface LeaseSessionOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly ttlMs: number;
  /** From one sending to the next. A fifth of the time for both, so that two answers in a row may be lost. */
  readonly renewEveryMs: number;
  readonly renewTimeoutMs: number;
  /** It was renewed, and is held until then. */
  readonly renewed?: (heldUntilMs: number) => void;
  /** The registry says that it is gone, or its time has passed here without an answer. Called once. */
  readonly lost: (why: 'gone' | 'overdue') => void;
}

/**
 * A lease kept alive, and how long it certainly lives: its time counts from when the last answered renewal was sent,
 * less 1 % for clocks that run apart and a second for what is already on its way.
 *
 * States: *held* (renewed every `renewEveryMs`, and soon again when that was not answered), *overdue* (its time has passed here; never used again, though the
 * registry may keep it a little longer), *gone* (revoked, or the registry says so). The last two are for good.
 */
export class LeaseSession implements AsyncDisposable {
  readonly lease: LeaseId;
  readonly #options: LeaseSessionOptions;
  #state: 'held' | 'overdue' | 'gone' = 'held';
  #heldUntilMs: number;
  /** Renewals in a row that were not answered. */
  #failures = 0;
  #renewal: Timer;
  #fence: Timer;

  private constructor(options: LeaseSessionOptions, lease: LeaseId, sentMs: number) {
    this.lease = lease;
    this.#options = options;
    this.#heldUntilMs = sentMs + certainMs(options.ttlMs);
    this.#renewal = this.#setRenewal(options.renewEveryMs);
    this.#fence = this.#setFence();
    options.renewed?.(this.#heldUntilMs);
  }

  /** Rejects with `registry-unavailable`. */
  static async open(options: LeaseSessionOptions): Promise<LeaseSession> {
    const sentMs = options.clock.monotonicMs();
    const lease = await options.registry.grantLease(options.ttlMs);
    return new LeaseSession(options, lease, sentMs);
  }

  /** Whether what it protects may be used now. Asked anew each time: a process that was stopped finds out here. */
  get held(): boolean {
    return this.#state === 'held' && this.#options.clock.monotonicMs() < this.#heldUntilMs;
  }

  /** Monotonic time. */
  get heldUntilMs(): number {
    return this.#heldUntilMs;
  }

  /** Revokes it: what was written under it vanishes at once, or, when the registry does not answer, in its time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end('gone');
    const { registry } = this.#options;
    await registry.revokeLease(this.lease).catch((error: unknown) => {
      if (!isFailure(error, 'registry-unavailable')) throw error;
    });
  }

  #setRenewal(delayMs: number): Timer {
    return this.#options.clock.setTimer(delayMs, () => void this.#renew());
  }

  #setFence(): Timer {
    const { clock } = this.#options;
    return clock.setTimer(this.#heldUntilMs - clock.monotonicMs(), () => this.#lose('overdue'));
  }

  async #renew(): Promise<void> {
    const { registry, clock, renewEveryMs, renewTimeoutMs, ttlMs, renewed } = this.#options;
    const sentMs = clock.monotonicMs();
    const answer = await registry
      .renewLease(this.lease, { timeoutMs: renewTimeoutMs })
      .catch(() => undefined);
    if (this.#state !== 'held') return;
    if (answer === false) return this.#lose('gone');
    // An answer to what was sent in time, heard too late, is no reason to go on: others may have been told already.
    if (!this.held) return this.#lose('overdue');
    if (answer) {
      this.#failures = 0;
      this.#heldUntilMs = sentMs + certainMs(ttlMs);
      this.#fence.cancel();
      this.#fence = this.#setFence();
      renewed?.(this.#heldUntilMs);
      this.#renewal = this.#setRenewal(Math.max(0, sentMs + renewEveryMs - clock.monotonicMs()));
    } else {
      this.#renewal = this.#setRenewal(Math.min(renewEveryMs, RETRY_MS * 2 ** this.#failures));
      this.#failures += 1;
    }
  }

  #lose(why: 'gone' | 'overdue'): void {
    if (this.#end(why)) this.#options.lost(why);
  }

  #end(state: 'gone' | 'overdue'): boolean {
    const first = this.#state === 'held';
    if (first) this.#state = state;
    this.#renewal.cancel();
    this.#fence.cancel();
    return first;
  }
}

/** Clock rates within 1 % are assumed of every machine. */
const CLOCK_RATE_ERROR = 0.01;
const MARGIN_MS = 1_000;
/** Doubled with each renewal in a row that is not answered: what is lost once is mostly not lost twice. */
const RETRY_MS = 100;

function certainMs(ttlMs: number): number {
  return ttlMs * (1 - CLOCK_RATE_ERROR) - MARGIN_MS;
}
