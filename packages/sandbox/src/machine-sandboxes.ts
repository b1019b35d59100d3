import { fail } from '@lambent/core';
import type { ChildSandbox } from './child-sandbox.ts';
import type { Confinement, Sandbox, Sandboxes, SandboxPlan } from './sandbox.ts';
import type { SandboxStarter } from './sandbox-starter.ts';

export interface MachineParts {
  readonly starter: SandboxStarter;
  readonly confinement: Confinement;
  /** What the start found of an earlier run, and removed. */
  readonly swept: readonly string[];
  /** Gives back what all sandboxes share; called once, after the last of them is gone. */
  release(): Promise<void>;
}

/** The sandboxes of one owner on this machine, however they are started. */
export class MachineSandboxes implements Sandboxes {
  readonly confinement: Confinement;
  readonly #parts: MachineParts;
  readonly #starting = new Set<Promise<unknown>>();
  readonly #running = new Set<ChildSandbox>();
  #disposed: Promise<void> | undefined;

  constructor(parts: MachineParts) {
    this.#parts = parts;
    this.confinement = parts.confinement;
  }

  async start(plan: SandboxPlan): Promise<Sandbox> {
    if (this.#disposed)
      throw fail('environment-failed', { detail: 'the sandboxes of this worker are closed' });
    const starting = this.#start(plan);
    this.#starting.add(starting);
    try {
      return await starting;
    } finally {
      this.#starting.delete(starting);
    }
  }

  /** It was done before the first start, whose cgroup, addresses and interfaces could have met the old ones. */
  async sweep(): Promise<readonly string[]> {
    return this.#parts.swept;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #start(plan: SandboxPlan): Promise<ChildSandbox> {
    const sandbox = await this.#parts.starter.start(plan);
    this.#running.add(sandbox);
    const forget = () => this.#running.delete(sandbox);
    sandbox.disposed.then(forget, forget);
    return sandbox;
  }

  async #dispose(): Promise<void> {
    await Promise.allSettled(this.#starting);
    // One that cannot be ended must not keep the others; releasing what is shared kills it once more.
    await Promise.allSettled([...this.#running].map(sandbox => sandbox[Symbol.asyncDispose]()));
    await this.#parts.release();
  }
}
