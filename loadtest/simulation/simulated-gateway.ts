import { watchLimits, watchMembers } from '@lambent/membership';
import { Placements, Router, watchFleet } from '@lambent/router';
import type { World } from './world.ts';

const QUEUE_MAX = 500;
const QUEUE_WAIT_MS = 3_000;
const AGAIN_MS = 200;

/** The real router of a gateway, and what tells it of workers, limits and placements. Gateways are not killed here. */
export class SimulatedGateway {
  readonly name: string;
  readonly router: Router;

  constructor(world: World, name: string) {
    this.name = name;
    const { process, link, registry } = world.begin(name);
    const { random } = world;
    const placements = new Placements({ clock: process });
    this.router = new Router({
      routerId: name,
      link,
      placements,
      clock: process,
      random,
      queueMax: QUEUE_MAX,
      queueWaitMs: QUEUE_WAIT_MS,
    });
    const shared = { registry, clock: process, random };
    const open = (): void => {
      Promise.all([
        watchFleet({ ...shared, changed: fleet => this.router.setFleet(fleet) }),
        watchLimits({ ...shared, changed: limits => this.router.setLimits(limits) }),
        watchMembers({
          ...shared,
          role: 'placement',
          changed: members => placements.set(members.flatMap(member => member.address ?? [])),
        }),
      ]).catch(() => void process.setTimer(AGAIN_MS, open));
    };
    open();
  }
}
