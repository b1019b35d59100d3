import type { Clock, Timer } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { isCurrentSpec } from '@lambent/functions';
import type { Registry } from '@lambent/registry';
import type { EnvironmentStarter } from '../environment-starter.ts';
import type { Environments } from '../environments.ts';
import type { Absence } from './absences.ts';
import type { Retention } from './retention.ts';

export interface KeepAliveOptions {
  readonly environments: Environments;
  readonly retention: Retention;
  readonly starter: Pick<EnvironmentStarter, 'prewarm'>;
  readonly registry: Pick<Registry, 'get'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Ends idle environments whose time is up or that are worn, and starts one where a use is about to be missed. */
export class KeepAlive implements Disposable {
  readonly #options: KeepAliveOptions;
  #timer: Timer;

  constructor(options: KeepAliveOptions) {
    this.#options = options;
    this.#timer = this.#nextSweep();
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #nextSweep(): Timer {
    return this.#options.clock.setTimer(SWEEP_MS, () => {
      this.#sweep();
      this.#timer = this.#nextSweep();
    });
  }

  #sweep(): void {
    const { environments, retention } = this.#options;
    for (const worn of environments.filter(one => one.state === 'idle' && one.worn)) worn.retire();
    for (const one of environments.spare()) if (retention.overstays(one)) void retention.letGo(one);
    for (const absence of retention.missed()) void this.#prewarm(absence);
  }

  async #prewarm({ spec }: Absence): Promise<void> {
    const { environments, starter, registry, logger } = this.#options;
    if (environments.filter(({ key }) => key.functionId === spec.key?.functionId).length > 0) return;
    try {
      // Nobody has named this revision for a while: it may be an old one, or the function gone.
      if (await isCurrentSpec(registry, spec)) starter.prewarm(spec);
    } catch (err) {
      // It starts cold then, as any function that is not known.
      logger.debug({ functionName: spec.functionName, err }, 'not prewarmed');
    }
  }
}

/** Looking at all is cheaper than a timer for each, which every invocation would set anew. */
const SWEEP_MS = 1_000;
