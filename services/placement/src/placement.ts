import type { Clock, Random } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import type { Link } from '@lambent/link';
import type { Registry } from '@lambent/registry';
import { writeAccountLimit } from './account-limit.ts';
import { ClusterView } from './cluster-view.ts';
import type { PlacementConfig } from './config.ts';
import { Crew } from './crew.ts';
import { Demand } from './demand.ts';
import { Fleet } from './fleet.ts';
import { GrantAdvice } from './grant-advice.ts';
import { Hearing } from './hearing.ts';
import { Needs } from './needs.ts';
import { PlacementMetrics } from './placement-metrics.ts';
import { Provisioning } from './provisioning/provisioning.ts';
import { ScalingRate } from './scaling-rate.ts';
import { Settling } from './settling.ts';

export interface PlacementOptions {
  /** This replica among the members. */
  readonly id: string;
  /** Where it is served. */
  readonly address: string;
  readonly link: Link;
  readonly registry: Registry;
  readonly config: PlacementConfig;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
}

/**
 * Advises where environments start, and who raises or lowers its grants. It holds nothing that a restart could lose:
 * workers report again, routers ask again, and a worker checks every command against what it really has.
 */
export class Placement implements AsyncDisposable {
  readonly #logger: Logger;
  readonly #fleet: Fleet;
  readonly #crew: Crew;
  readonly #grants: GrantAdvice;
  readonly #needs: Needs;
  readonly #provisioning: Provisioning;
  readonly #settling: Settling;
  readonly #closing = new AsyncDisposableStack();

  private constructor(options: PlacementOptions, view: ClusterView) {
    const { clock, telemetry, logger } = options;
    this.#logger = logger;
    const fleet = new Fleet({ clock, limitIdOf: functionId => view.limitOf(functionId) });
    const demand = new Demand({ clock });
    const metrics = new PlacementMetrics(telemetry, { fleet, demand, view });
    const crew = new Crew({
      clock,
      incarnationOf: workerId => view.fleet.get(workerId)?.incarnation,
      events: {
        reported: report => {
          fleet.report(report);
          this.#grants.reported(report);
          this.#provisioning.reported(report);
        },
        raiseEnded: (workerId, ended) => this.#grants.raiseEnded(workerId, ended),
        left: workerId => this.#left(workerId),
      },
    });
    const hearing = new Hearing({ clock, fleet, view });
    const grants = new GrantAdvice({ clock, fleet, view, crew, hearing, gave: () => metrics.turnGiven() });
    const asked = (count: number) => metrics.startsAdvised(count);
    const rate = new ScalingRate({ clock, ...options.config });
    this.#needs = new Needs({ ...options, fleet, demand, crew, view, grants, hearing, rate, asked });
    this.#provisioning = new Provisioning({ ...options, fleet, view, crew, hearing });
    this.#settling = new Settling({ ...options, view, grants });
    this.#fleet = fleet;
    this.#crew = crew;
    this.#grants = grants;
  }

  /** Rejects with `registry-unavailable`. */
  static async open(given: PlacementOptions): Promise<Placement> {
    const options = { ...given, logger: given.logger.child({ component: 'placement' }) };
    const { registry, config, link, address, logger } = options;
    await using opening = new AsyncDisposableStack();
    let viewed: (() => void) | undefined;
    await writeAccountLimit({ registry, slots: config.accountConcurrency, logger });
    const view = opening.use(
      await ClusterView.open({
        ...options,
        changed: () => viewed?.(),
        broken: err => logger.warn({ err }, 'a watch on the cluster broke'),
      }),
    );
    const placement = new Placement(options, view);
    viewed = () => placement.#viewed();
    opening.use(placement.#grants);
    opening.use(placement.#settling);
    opening.use(placement.#crew);
    opening.use(placement.#provisioning);
    await placement.#provisioning.begin();
    viewed();
    opening.use(
      await link.servePlacement(address, {
        need: async request => placement.#needs.answer(request),
        enlist: placement.#crew.enlist,
      }),
    );
    placement.#closing.use(opening.move());
    return placement;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#closing.disposeAsync();
  }

  #viewed(): void {
    this.#grants.viewed();
    this.#settling.viewed();
  }

  #left(workerId: string): void {
    this.#fleet.leave(workerId);
    this.#grants.left(workerId);
    this.#provisioning.left(workerId);
    this.#logger.info({ workerId }, 'worker left');
  }
}
