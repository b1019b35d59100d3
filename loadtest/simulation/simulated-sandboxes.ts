import { PassThrough } from 'node:stream';
import type { Random, Timer } from '@lambent/core';
import { ChannelEnded, type RuntimeAnswer, type RuntimeChannel, type RuntimeEvent } from '@lambent/runtimes';
import type { Confinement, Sandbox, SandboxExit, Sandboxes, SandboxPlan } from '@lambent/sandbox';
import type { Observer } from './observer.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

export interface SimulatedSandboxesOptions {
  /** Its clock, not the worker's: what runs in a sandbox goes on while its worker is frozen. */
  readonly world: World;
  readonly random: Random;
  readonly observer: Observer;
  readonly worker: SimulatedProcess;
}

/** How long a runtime takes to boot, and how long a function runs, mostly. */
const BOOT_MS = 60;
const RUN_MS = 40;
/** One in so many runs is a long one, which goes on through any fault. */
const LONG_EVERY = 12;
const LONG_RUN_MS = 2_500;

/**
 * The sandboxes of one worker. They have no process in them, only durations; what starts and ends in them is told to
 * the observer. They live on when their worker is frozen, and end when somebody kills them.
 */
export class SimulatedSandboxes implements Sandboxes {
  readonly confinement = { lateMounts: { held: false, detail: 'nothing is mounted' } } as Confinement;
  readonly #options: SimulatedSandboxesOptions;
  readonly #living = new Map<string, SimulatedSandbox>();

  constructor(options: SimulatedSandboxesOptions) {
    this.#options = options;
  }

  async start(plan: SandboxPlan): Promise<Sandbox> {
    const sandbox = new SimulatedSandbox(plan, this.#options, () => this.#living.delete(plan.id));
    this.#living.set(plan.id, sandbox);
    return sandbox;
  }

  readonly openChannel = async ({ sandbox }: { readonly sandbox: Sandbox }): Promise<RuntimeChannel> => {
    const living = this.#living.get(sandbox.id);
    if (!living) throw new ChannelEnded();
    return living;
  };

  /** As a keeper does, whatever state the worker is in. */
  killAll(): void {
    for (const sandbox of [...this.#living.values()]) sandbox.kill();
  }

  async sweep(): Promise<readonly string[]> {
    return [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.killAll();
  }
}

class SimulatedSandbox implements Sandbox, RuntimeChannel {
  readonly id: string;
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly channel = new PassThrough();
  readonly exited: Promise<SandboxExit>;
  readonly ready: Promise<void>;
  readonly #options: SimulatedSandboxesOptions;
  readonly #removed: () => void;
  readonly #functionName: string;
  readonly #exit = Promise.withResolvers<SandboxExit>();
  readonly #gone = Promise.withResolvers<never>();
  #run: { readonly number: number; readonly timer: Timer } | undefined;
  #left = false;

  constructor(plan: SandboxPlan, options: SimulatedSandboxesOptions, removed: () => void) {
    this.id = plan.id;
    this.#functionName = plan.environment['AWS_LAMBDA_FUNCTION_NAME'] ?? '';
    this.#options = options;
    this.#removed = removed;
    this.exited = this.#exit.promise;
    this.#gone.promise.catch(() => undefined);
    const booted = Promise.withResolvers<void>();
    const { world, random, worker } = options;
    world.clock.setTimer(BOOT_MS * (0.5 + random.fraction()), () => worker.run(booted.resolve));
    this.ready = Promise.race([booted.promise, this.#gone.promise]);
    this.ready.catch(() => undefined);
  }

  invoke(event: RuntimeEvent): Promise<RuntimeAnswer> {
    const { world, random, observer, worker } = this.#options;
    const number =
      world.check(() => observer.started(event.requestId, worker.name, this.#functionName)) ?? -1;
    const long = random.fraction() < 1 / LONG_EVERY;
    const answered = Promise.withResolvers<RuntimeAnswer>();
    const timer = world.clock.setTimer((long ? LONG_RUN_MS : RUN_MS) * (0.5 + random.fraction()), () => {
      observer.ended(number);
      this.#run = undefined;
      worker.run(() => answered.resolve({ kind: 'response', payload: event.payload }));
    });
    this.#run = { number, timer };
    return Promise.race([answered.promise, this.#gone.promise]);
  }

  restore(): Promise<void> {
    return this.rested();
  }

  rested(): Promise<void> {
    return this.#left ? this.#gone.promise : Promise.resolve();
  }

  kill(): void {
    if (this.#left) return;
    this.#left = true;
    this.#removed();
    if (this.#run) {
      this.#run.timer.cancel();
      this.#options.observer.ended(this.#run.number);
      this.#run = undefined;
    }
    this.#options.worker.run(() => {
      this.#gone.reject(new ChannelEnded());
      this.#exit.resolve({ signal: 'SIGKILL', outOfMemory: false });
      for (const stream of [this.stdout, this.stderr, this.channel]) stream.end();
    });
  }

  doorway(): Promise<never> {
    return this.#gone.promise;
  }

  closeDoorways(): void {}

  setCpu(): void {}

  freeze(): void {}

  thaw(): void {}

  equip(): Promise<never> {
    return this.#exit.promise.then(() => Promise.reject(new ChannelEnded()));
  }

  peakMemoryBytes(): number {
    return 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.kill();
    await this.exited;
  }

  [Symbol.dispose](): void {}
}
