import type { EnvironmentKeyText } from '@lambent/contracts';
import type { Clock, Timer } from '@lambent/core';
import type { Environment } from './environment.ts';
import type { RefusedRouters } from './refused-routers.ts';

export interface OffersOptions {
  readonly clock: Clock;
  readonly refused: RefusedRouters;
  /** Tells the router that one environment is kept for it; false when it is not connected. */
  readonly tell: (routerId: string, environment: Environment) => boolean;
  /** It was kept, and nobody who was refused came for it. */
  readonly unwanted: (environment: Environment) => void;
}

/** Idle environments kept, for a moment each, for a router that was refused before. */
export class Offers {
  readonly #options: OffersOptions;
  readonly #held = new Map<Environment, { readonly routerId: string; readonly timer: Timer }>();

  constructor(options: OffersOptions) {
    this.#options = options;
  }

  /** Keeps it for whoever was refused first, and for the next when that one does not come. False: for nobody. */
  offer(environment: Environment): boolean {
    const { clock, refused, tell } = this.#options;
    const key = environment.keyText;
    let routerId = refused.next(key, clock.monotonicMs());
    while (routerId !== undefined && !tell(routerId, environment)) {
      refused.forget(key, routerId);
      routerId = refused.next(key, clock.monotonicMs());
    }
    if (routerId === undefined) return false;
    const timer = clock.setTimer(OFFER_MS, () => this.#passOn(environment));
    this.#held.set(environment, { routerId, timer });
    return true;
  }

  /** The environment kept for this router, if there is one. */
  take(key: EnvironmentKeyText, routerId: string): Environment | undefined {
    if (this.#held.size === 0) return undefined;
    for (const [environment, held] of this.#held) {
      if (held.routerId !== routerId || environment.keyText !== key) continue;
      this.drop(environment);
      return environment;
    }
    return undefined;
  }

  /** It is not kept any more: it was taken, or has ended. */
  drop(environment: Environment): void {
    this.#held.get(environment)?.timer.cancel();
    this.#held.delete(environment);
  }

  #passOn(environment: Environment): void {
    const held = this.#held.get(environment);
    this.#held.delete(environment);
    if (held) this.#options.refused.forget(environment.keyText, held.routerId);
    if (!this.offer(environment)) this.#options.unwanted(environment);
  }
}

/** A round trip within a data centre and a busy event loop at its end; longer would idle the environment. */
const OFFER_MS = 50;
