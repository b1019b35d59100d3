import type { Environments } from './environments.ts';
import { FleetEntry } from './fleet-entry.ts';
import { Grants } from './grants/grants.ts';
import type { MemoryBudget } from './memory-budget.ts';
import type { WorkerOptions } from './worker-options.ts';

export interface WorkerIdentityOptions extends WorkerOptions {
  readonly environments: Environments;
  readonly memory: MemoryBudget;
  /** What is held has changed. */
  readonly changed: () => void;
}

/**
 * One life of the worker of this id: its line in the registry, and the slots that are granted to it.
 *
 * States: *claimed* (the life before holds nothing any more), *joined* (seen by every router, may hold slots), *left*.
 */
export class WorkerIdentity implements AsyncDisposable {
  readonly incarnation: string;
  readonly grants: Grants;
  readonly #entry: FleetEntry;

  private constructor(options: WorkerIdentityOptions, entry: FleetEntry, incarnation: string) {
    const { id, config, environments, clock } = options;
    this.incarnation = incarnation;
    this.#entry = entry;
    this.grants = new Grants({
      ...options,
      workerId: id,
      termMs: config.grantsTermMs,
      slotsMax: config.slots,
      keeper: options.keeper,
      name: lease => entry.write(lease),
      awaited: limitId =>
        environments.awaited(functionId => this.grants.limitOf(functionId) === limitId, clock.monotonicMs()),
      endRuns: () => environments.endRuns(),
    });
  }

  /** Rejects with `worker-id-taken` where another one has it, and with `registry-unavailable`. */
  static async claim(options: WorkerIdentityOptions): Promise<WorkerIdentity> {
    const { id, memory, runtimes, random, incarnation = random.uuid() } = options;
    const entry = await FleetEntry.claim({
      ...options,
      workerId: id,
      incarnation,
      memoryMb: memory.totalMb,
      runtimes: runtimes.map(runtime => runtime.identifier),
    });
    return new WorkerIdentity(options, entry, incarnation);
  }

  /** Rejects as `claim` does. */
  async join(): Promise<void> {
    await this.grants.begin();
  }

  /** For when nothing runs any more. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.grants[Symbol.asyncDispose]();
    await this.#entry[Symbol.asyncDispose]();
  }
}
