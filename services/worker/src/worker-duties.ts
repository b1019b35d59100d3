import { Revisions } from '@lambent/contracts';
import { AWS_QUOTAS } from '@lambent/core';
import { awsEndpointOf } from './config.ts';
import { environmentEvents } from './environment-events.ts';
import { EnvironmentStarter } from './environment-starter.ts';
import { InvocationLedger } from './invocation-ledger.ts';
import { Invocations } from './invocations.ts';
import { KeepAlive } from './keep-alive/keep-alive.ts';
import { Retention } from './keep-alive/retention.ts';
import { Provisioned } from './provisioned/provisioned.ts';
import { runtimeChannels } from './runtime-channels.ts';
import { Standbys } from './standbys.ts';
import { WorkerMetrics } from './worker-metrics.ts';
import type { WorkerOptions } from './worker-options.ts';
import type { WorkerParts } from './worker-parts.ts';

export interface WorkerDutiesOptions extends Omit<WorkerOptions, 'code'>, WorkerParts {
  /** What placement is told has changed. */
  readonly reportChanged: () => void;
}

/** What a worker does with its parts, and what each of its duties hears of the others. */
export class WorkerDuties implements Disposable {
  readonly invocations: Invocations;
  readonly starter: EnvironmentStarter;
  readonly provisioned: Provisioned;
  readonly #keepAlive: KeepAlive;
  readonly #standbys: Standbys;
  readonly #reportChanged: () => void;

  constructor(options: WorkerDutiesOptions) {
    const { config, clock, telemetry, identity, reportChanged } = options;
    const { grants, incarnation } = identity;
    const shared = {
      ...options,
      grants,
      revisions: new Revisions(),
      present: options.present ?? (() => true),
      changed: reportChanged,
    };
    const metrics = new WorkerMetrics(telemetry, shared);
    const retention = new Retention({ ...config, clock });
    this.#reportChanged = reportChanged;
    this.invocations = new Invocations({
      ...shared,
      workerId: options.id,
      incarnation,
      ledger: new InvocationLedger({ clock, keptResultBytes: config.keptResultBytes }),
      used: (environment, how) => {
        retention.used(environment);
        this.#standbys.used(environment, how);
      },
      retired: functionId => this.provisioned.forget(functionId),
    });
    this.starter = new EnvironmentStarter({
      openChannel: runtimeChannels(options.quotas ?? AWS_QUOTAS),
      ...shared,
      awsEndpoint: awsEndpointOf(config),
      startsMax: config.startsMax,
      reuse: config,
      freezeIdle: config.freezeIdle,
      retention,
      metrics,
      events: environmentEvents({ ...options, metrics, duties: this }),
      started: environment => {
        this.invocations.freed(environment, { tell: true });
        this.#standbys.started(environment);
        reportChanged();
      },
    });
    this.provisioned = new Provisioned({ ...shared, starter: this.starter });
    this.#keepAlive = new KeepAlive({ ...options, retention, starter: this.starter });
    this.#standbys = new Standbys({ ...options, metrics, starter: this.starter });
  }

  /** Slots or environments came or went. */
  slotsChanged(): void {
    this.invocations.slotsChanged();
    this.#reportChanged();
  }

  [Symbol.dispose](): void {
    this.#standbys[Symbol.dispose]();
    this.#keepAlive[Symbol.dispose]();
    this.provisioned[Symbol.dispose]();
    this.invocations[Symbol.dispose]();
  }
}
