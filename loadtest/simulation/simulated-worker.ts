import type { Blobs } from '@lambent/blobs';
import type { Timer } from '@lambent/core';
import { createLogger, nullTelemetry, readConfig } from '@lambent/daemon';
import { Membership, watchMembers } from '@lambent/membership';
import type { Runtime } from '@lambent/runtimes';
import { openWorker, WORKER_FIELDS } from '@lambent/worker';
import { plant } from './planted-bugs.ts';
import type { SimulatedProcess } from './simulated-process.ts';
import { SimulatedSandboxes } from './simulated-sandboxes.ts';
import type { World } from './world.ts';

const RESTART_MS = 1_000;
const MEMORY_MB = 128 * 24;

const RUNTIME: Runtime = {
  identifier: 'nodejs24.x',
  detail: 'simulated',
  channel: 'frames',
  mounts: {},
  startVariables: [],
  command: () => ['bootstrap'],
  variables: {},
};

/** A real worker over simulated sandboxes, and its keeper: what kills the sandboxes and starts the worker again. */
export class SimulatedWorker {
  readonly name: string;
  readonly #world: World;
  #process: SimulatedProcess;

  constructor(world: World, name: string) {
    this.#world = world;
    this.name = name;
    this.#process = this.#begin();
  }

  get process(): SimulatedProcess {
    return this.#process;
  }

  kill(how: { readonly silent: boolean }): void {
    this.#process.kill(how);
  }

  freeze(): void {
    this.#process.freeze();
  }

  thaw(): void {
    this.#process.thaw();
  }

  #begin(): SimulatedProcess {
    const { clock, random, observer } = this.#world;
    const ground = plant(this.#world, this.name, this.#world.begin(this.name));
    const { process, link, registry } = ground;
    const sandboxes = new SimulatedSandboxes({ world: this.#world, random, observer, worker: process });
    let deadline: Timer | undefined;
    process.onDeath(() => {
      deadline?.cancel();
      sandboxes.killAll();
      clock.setTimer(RESTART_MS, () => {
        this.#process = this.#begin();
      });
    });
    const keeper = {
      renew: (deadlineInMs: number) => {
        deadline?.cancel();
        deadline = ground.keeperClock.setTimer(deadlineInMs, () => process.kill());
      },
    };
    const shared = { registry, clock: ground.clock, random };
    const incarnation = random.uuid();
    const identity = { id: this.name, address: this.name, incarnation, place: this.name };
    const open = async () => {
      let membership: Membership | undefined;
      const worker = await openWorker({
        ...shared,
        ...identity,
        link,
        keeper,
        sandboxes,
        openChannel: sandboxes.openChannel,
        present: () => membership?.present ?? false,
        placements: changed =>
          watchMembers({
            ...shared,
            role: 'placement',
            changed: members => changed(members.flatMap(member => member.address ?? [])),
          }),
        runtimes: [RUNTIME],
        blobs: NO_BLOBS,
        codeDirectory: '/code',
        code: { digests: ['c0de'], acquire: async () => CODE, acquireStack: async () => CODE },
        config: {
          ...readConfig(WORKER_FIELDS, {}),
          memoryMb: MEMORY_MB,
          grantsTermMs: this.#world.termMs,
        },
        logs: QUIET_LOGS,
        logger: createLogger({ level: 'silent', service: 'worker' }),
        telemetry: nullTelemetry(),
      });
      void worker.failed.then(() => process.kill());
      const record = { ...identity, role: 'worker', version: '0.1.0' } as const;
      membership = await Membership.join({ ...shared, record });
    };
    open().catch(() => process.kill());
    return process;
  }
}

const QUIET_LOGS = {
  openStream: () => ({ append: () => undefined }),
  async *read() {},
  groups: async () => [],
  flush: async () => {},
  [Symbol.asyncDispose]: async () => {},
};

const CODE = { directory: '/code', whole: Promise.resolve(), [Symbol.dispose]() {} };
const NO_BLOBS = {} as Blobs;
