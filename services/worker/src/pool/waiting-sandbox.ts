import { QUOTAS } from '@lambent/core';
import { AHEAD_VARIABLE, assign, awaitBooted, type Runtime } from '@lambent/runtimes';
import type { DoorwayName, Equipment, Sandbox, Sandboxes } from '@lambent/sandbox';
import { COMPILED_ROOT, LAYERS_ROOT, TASK_ROOT } from '../inside-places.ts';

export interface WaitingPlan {
  readonly id: string;
  readonly runtime: Runtime;
  /** Of the functions it can be for: some runtimes bound their heap by it when they start. */
  readonly memoryMb: number;
  readonly doorways: Readonly<Partial<Record<DoorwayName, number>>>;
  /** What it may use until it is given away. */
  readonly waitingMb: number;
  readonly ephemeralStorageMb: number;
}

/**
 * A sandbox in which a runtime has booted and waits for its function. It knows nothing of any; once given to one it is
 * that function's for good.
 */
export class WaitingSandbox implements AsyncDisposable {
  readonly #sandbox: Sandbox;

  private constructor(sandbox: Sandbox) {
    this.#sandbox = sandbox;
  }

  /** Resolves when it waits; else rejects, with nothing left behind. */
  static async start(sandboxes: Sandboxes, plan: WaitingPlan): Promise<WaitingSandbox> {
    const { runtime, memoryMb, doorways } = plan;
    const sandbox = await sandboxes.start({
      id: plan.id,
      mounts: runtime.mounts,
      lateMounts: [TASK_ROOT, LAYERS_ROOT, COMPILED_ROOT],
      command: runtime.command({ memoryMb, environment: runtime.variables }),
      environment: { ...runtime.variables, [AHEAD_VARIABLE]: '1' },
      doorways,
      memoryMb: plan.waitingMb,
      ephemeralStorageMb: plan.ephemeralStorageMb,
      processesMax: QUOTAS.processes,
    });
    try {
      await awaitBooted(sandbox.channel);
      return new WaitingSandbox(sandbox);
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** Resolves when it has ended by itself. */
  get exited(): Promise<unknown> {
    return this.#sandbox.exited;
  }

  /** What it uses, at most; undefined where the machine cannot tell. */
  get memoryMb(): number | undefined {
    return Math.ceil(this.#sandbox.peakMemoryBytes() / MEGABYTE) || undefined;
  }

  /** Gives it to a function, once what it is given is `whole`: from here on the sandbox is the caller's. Rejects, having disposed of it, when it cannot. */
  async give(equipment: Equipment, whole: Promise<void>): Promise<Sandbox> {
    const sandbox = this.#sandbox;
    try {
      const environment = await sandbox.equip(equipment);
      await whole;
      assign(sandbox.channel, environment);
      return sandbox;
    } catch (error) {
      await sandbox[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sandbox[Symbol.asyncDispose]();
  }
}

const MEGABYTE = 1024 * 1024;
