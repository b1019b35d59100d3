import { type Clock, isFailure, type Random, type Timer } from '@lambent/core';
import { changeDivision, type Division, POOL_LIMIT_ID } from '@lambent/membership';
import type { Registry } from '@lambent/registry';
import type { ClusterView } from './cluster-view.ts';
import type { GrantAdvice } from './grant-advice.ts';
import { grantedOf } from './limit.ts';

export interface SettlingOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly view: ClusterView;
  readonly grants: Pick<GrantAdvice, 'gives'>;
}

/**
 * Moves what the parts of the account hold towards what they want, as workers let go: gateways do so when they change
 * what is wanted, and what could not move then is moved here, by the replica responsible for the pool. The transaction
 * looks at everything anew, so that two replicas that both believe it is theirs do no harm.
 */
export class Settling implements AsyncDisposable {
  readonly #options: SettlingOptions;
  #timer: Timer | undefined;
  #attempt: Promise<void> | undefined;
  #closed = false;

  constructor(options: SettlingOptions) {
    this.#options = options;
  }

  /** The registry says something new. */
  viewed(): void {
    this.#setTimer(SOON_MS);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#attempt;
  }

  /** One look for all that changes meanwhile. */
  #setTimer(delayMs: number): void {
    if (this.#closed || this.#timer || this.#attempt) return;
    const { clock, random } = this.#options;
    this.#timer = clock.setTimer(delayMs * (0.5 + random.fraction()), () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  #look(): void {
    if (!this.#canMove()) return;
    // Somebody else's to do; until it is seen done it is looked at again.
    if (!this.#options.grants.gives(POOL_LIMIT_ID)) return this.#setTimer(AGAIN_MS);
    this.#attempt = this.#settle().finally(() => {
      this.#attempt = undefined;
      this.#setTimer(AGAIN_MS);
    });
  }

  #canMove(): boolean {
    const { view } = this.#options;
    const { division } = view;
    const granted = new Map(division.givers.map(limitId => [limitId, grantedOf(view.limit(limitId))]));
    return !isSame(division, division.settle(granted));
  }

  async #settle(): Promise<void> {
    try {
      await changeDivision(this.#options.registry, division => ({ division }));
    } catch (error) {
      // The next look tries again.
      if (!isFailure(error, 'registry-unavailable')) throw error;
    }
  }
}

function isSame(one: Division, other: Division): boolean {
  if (one.parts.size !== other.parts.size) return false;
  for (const [limitId, { held }] of one.parts) if (other.parts.get(limitId)?.held !== held) return false;
  return true;
}

/** While workers let go one after the other, one transaction for several of them. */
const SOON_MS = 50;
/** What could not be moved, or is not this replica's to move. */
const AGAIN_MS = 1_000;
