import type { EnvironmentKey, WorkerReport } from '@lambent/contracts';
import { provisionedLimitId } from '@lambent/membership';

/** What one worker has of one version's provisioned environments, as it last reported. */
export interface ProvisionedHolding {
  readonly key: EnvironmentKey;
  readonly ready: number;
  /** Of the version at all: who waits for one on demand is served by what is provisioned, and the other way round. */
  readonly starting: number;
  /** As AWS words it; empty: none. */
  readonly failure: string;
}

/** What workers report of versions that are, or may have been, provisioned: soft state, gone with the worker. */
export class ProvisionedHoldings {
  /** By worker, then by limit. */
  readonly #workers = new Map<string, ReadonlyMap<string, ProvisionedHolding>>();

  reported({ workerId, holdings }: WorkerReport): void {
    const held = new Map<string, ProvisionedHolding>();
    for (const { key, provisioned, starting, provisioningFailure } of holdings) {
      if (!key || provisioned + starting + provisioningFailure.length === 0) continue;
      const holding = { key, ready: provisioned, starting, failure: provisioningFailure };
      held.set(provisionedLimitId(key.functionId, key.version), holding);
    }
    this.#workers.set(workerId, held);
  }

  left(workerId: string): void {
    this.#workers.delete(workerId);
  }

  of(workerId: string, limitId: string): ProvisionedHolding | undefined {
    return this.#workers.get(workerId)?.get(limitId);
  }

  /** Everything that is held as provisioned, or fails to be. */
  *all(): Iterable<{
    readonly workerId: string;
    readonly limitId: string;
    readonly holding: ProvisionedHolding;
  }> {
    for (const [workerId, held] of this.#workers)
      for (const [limitId, holding] of held)
        if (holding.ready > 0 || holding.failure !== '') yield { workerId, limitId, holding };
  }
}
