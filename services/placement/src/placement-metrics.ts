import type { Counter, Telemetry } from '@lambent/daemon';
import { POOL_LIMIT_ID } from '@lambent/membership';
import type { ClusterView } from './cluster-view.ts';
import type { Demand } from './demand.ts';
import type { Fleet } from './fleet.ts';
import { freeOf } from './limit.ts';

/** What placement counts. */
export class PlacementMetrics {
  readonly #turns: Counter;
  readonly #starts: Counter;

  constructor(
    telemetry: Telemetry,
    placement: { readonly fleet: Fleet; readonly demand: Demand; readonly view: ClusterView },
  ) {
    const { fleet, demand, view } = placement;
    this.#turns = telemetry.counter('lambent_placement_turns', 'Turns to raise a grant that were given.');
    this.#starts = telemetry.counter(
      'lambent_placement_starts',
      'Environments that workers were told to start.',
    );
    telemetry.gauge('lambent_placement_workers', 'Workers that report here.', () => fleet.size);
    telemetry.gauge('lambent_placement_waiting', 'Invocations that wait.', () => demand.waiting);
    telemetry.gauge(
      'lambent_placement_slots_free',
      'Slots of a limit that no worker holds.',
      () => freeOf(view.limit(POOL_LIMIT_ID)),
      { limit: POOL_LIMIT_ID },
    );
  }

  turnGiven(): void {
    this.#turns.add(1);
  }

  startsAdvised(count: number): void {
    this.#starts.add(count);
  }
}
