import { QUOTAS } from '@lambent/core';
import { createLogger, nullTelemetry } from '@lambent/daemon';
import { Membership } from '@lambent/membership';
import { Placement } from '@lambent/placement';
import type { SimulatedProcess } from './simulated-process.ts';
import type { World } from './world.ts';

const RESTART_MS = 1_000;

/** A replica of placement, started again a second after it died. */
export class SimulatedPlacement {
  readonly #world: World;
  readonly #name: string;
  #process: SimulatedProcess;

  constructor(world: World, name: string) {
    this.#world = world;
    this.#name = name;
    this.#process = this.#begin();
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
    const { random, slots, clock } = this.#world;
    const { process, link, registry } = this.#world.begin(this.#name);
    process.onDeath(
      () =>
        void clock.setTimer(RESTART_MS, () => {
          this.#process = this.#begin();
        }),
    );
    const shared = { registry: this.#world.soundOrNot(registry), clock: process, random };
    const open = async () => {
      await Placement.open({
        ...shared,
        id: this.#name,
        address: this.#name,
        link,
        config: { accountConcurrency: slots, scalingPer10s: QUOTAS.scalingPer10s },
        logger: createLogger({ level: 'silent', service: 'placement' }),
        telemetry: nullTelemetry(),
      });
      const record = {
        role: 'placement',
        id: this.#name,
        address: this.#name,
        incarnation: random.uuid(),
        version: '0.1.0',
        place: this.#name,
      } as const;
      await Membership.join({ ...shared, record });
    };
    // The registry is away: a supervisor starts it again.
    open().catch(() => process.kill());
    return process;
  }
}
