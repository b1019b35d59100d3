import type { Clock, Timer } from '@lambent/core';
import type { Logger } from '@lambent/daemon';
import { isCurrentSpec } from '@lambent/functions';
import type { Registry } from '@lambent/registry';
import type { Environment } from './environment.ts';
import type { EnvironmentStarter } from './environment-starter.ts';
import type { Environments } from './environments.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

export interface StandbysOptions {
  readonly environments: Environments;
  readonly starter: Pick<EnvironmentStarter, 'prewarm'>;
  readonly memory: Pick<MemoryBudget, 'totalMb'>;
  readonly metrics: Pick<WorkerMetrics, 'standbyAnswered'>;
  readonly registry: Pick<Registry, 'get'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * SnapStart here: of each published version that is used, one environment stands by, initialised and used by nobody.
 * Whoever needs a new one takes it, and the next is started behind it, where memory is free.
 *
 * All together they take a share of the memory; for the next one those go that have stood by longest. They are also the
 * first to go when somebody else needs memory, and when their version is deleted; time alone does not end them.
 */
export class Standbys implements Disposable {
  readonly #options: StandbysOptions;
  #timer: Timer;

  constructor(options: StandbysOptions) {
    this.#options = options;
    this.#timer = this.#nextSweep();
  }

  /** It is about to run an invocation. */
  used(environment: Environment, { awaited }: { readonly awaited: boolean }): void {
    const { spec, keyText, standby } = environment;
    if (!spec.snapStart) return;
    const { environments, metrics, starter } = this.#options;
    if (standby) metrics.standbyAnswered(spec, awaited ? 'miss' : 'hit');
    if (spec.memoryMb > this.#shareMb || environments.hasStandby(keyText, environment)) return;
    starter.prewarm(spec);
  }

  /** It is ready for its first invocation: those that have stood by longest leave their share to it. */
  started(environment: Environment): void {
    if (!environment.standby) return;
    const others = this.#options.environments.parkedStandbys().filter(one => one !== environment);
    let heldMb = others.reduce((sum, { spec }) => sum + spec.memoryMb, environment.spec.memoryMb);
    for (const one of others.toSorted((a, b) => a.idleSinceMs - b.idleSinceMs)) {
      if (heldMb <= this.#shareMb) return;
      heldMb -= one.spec.memoryMb;
      one.retire();
    }
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  get #shareMb(): number {
    return this.#options.memory.totalMb * MEMORY_SHARE;
  }

  #nextSweep(): Timer {
    return this.#options.clock.setTimer(SWEEP_MS, () => {
      this.#timer = this.#nextSweep();
      void this.#sweep();
    });
  }

  /** Nobody tells of a version that is deleted. */
  async #sweep(): Promise<void> {
    const { environments, registry, logger } = this.#options;
    for (const one of environments.parkedStandbys()) {
      try {
        if (!(await isCurrentSpec(registry, one.spec)) && one.standby) one.retire();
      } catch (err) {
        // The next sweep finds out.
        logger.debug({ functionName: one.spec.functionName, err }, 'version of a standby not read');
      }
    }
  }
}

/** Of the worker's memory: versions are published often, and what nobody uses is not to crowd out what is used. */
const MEMORY_SHARE = 0.25;
/** A deleted version keeps memory for no longer than that: the registry is read once for each, one after another. */
const SWEEP_MS = 600_000;
