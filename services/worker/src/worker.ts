import { totalmem } from 'node:os';
import { Revisions } from '@lambent/contracts';
import type { LambentError } from '@lambent/core';
import { CodeCache } from '@lambent/function-code';
import type { CodeSource } from './code-source.ts';
import { awsEndpointOf, memoryBudgetMb } from './config.ts';
import type { EnvironmentEvents } from './environment.ts';
import { EnvironmentStarter } from './environment-starter.ts';
import { Environments } from './environments.ts';
import { InvocationLedger } from './invocation-ledger.ts';
import { Invocations } from './invocations.ts';
import { KeepAlive } from './keep-alive/keep-alive.ts';
import { Retention } from './keep-alive/retention.ts';
import { MemoryBudget } from './memory-budget.ts';
import type { PlacementAdvice } from './placement-reporter.ts';
import { PlacementReporters } from './placement-reporters.ts';
import { Pools } from './pool/pools.ts';
import { Provisioned } from './provisioned/provisioned.ts';
import { RouterDoor } from './router-door.ts';
import { openRuntimeChannel } from './runtime-channels.ts';
import { WorkerIdentity } from './worker-identity.ts';
import { WorkerMetrics } from './worker-metrics.ts';
import type { WorkerOptions } from './worker-options.ts';
import { workerReport } from './worker-report.ts';

/**
 * Runs environments: starts them where placement advises, gives them what routers send, and says what it holds.
 *
 * Closing it drains: it refuses what is new, lets what runs finish within `drainTimeoutMs`, kills the rest, and only
 * then leaves its routers, placement and the registry.
 */
export class Worker implements AsyncDisposable {
  /** Resolves, if ever, with why it takes nothing any more: another worker has its identity. Closing is all that is left. */
  readonly failed: Promise<LambentError>;
  readonly #options: WorkerOptions;
  readonly #parts: Parts;
  readonly #metrics: WorkerMetrics;
  readonly #invocations: Invocations;
  readonly #starter: EnvironmentStarter;
  readonly #provisioned: Provisioned;
  readonly #retention: Retention;
  readonly #closing = new AsyncDisposableStack();
  #reporters: PlacementReporters | undefined;
  #disposed: Promise<void> | undefined;

  private constructor(options: WorkerOptions, parts: Parts) {
    const { config, clock, telemetry, id, present = () => true } = options;
    const { environments, identity, memory, pools } = parts;
    const { grants, incarnation } = identity;
    const ledger = new InvocationLedger({ clock, keptResultBytes: config.keptResultBytes });
    const changed = () => this.#reporters?.changed();
    const shared = {
      environments,
      grants,
      memory,
      pools,
      revisions: new Revisions(),
      clock,
      present,
      changed,
    };
    this.failed = grants.failed;
    this.#options = options;
    this.#parts = parts;
    this.#retention = new Retention({ ...config, clock });
    this.#metrics = new WorkerMetrics(telemetry, shared);
    this.#invocations = new Invocations({
      ...shared,
      ...parts,
      workerId: id,
      incarnation,
      ledger,
      used: environment => this.#retention.used(environment),
      retired: functionId => this.#provisioned.forget(functionId),
    });
    this.#starter = new EnvironmentStarter({
      openChannel: openRuntimeChannel,
      ...options,
      ...shared,
      ...parts,
      awsEndpoint: awsEndpointOf(config),
      startsMax: config.startsMax,
      reuse: config,
      freezeIdle: config.freezeIdle,
      retention: this.#retention,
      metrics: this.#metrics,
      events: this.#events,
      started: environment => {
        this.#invocations.freed(environment, { tell: true });
        changed();
      },
    });
    this.#provisioned = new Provisioned({ ...shared, starter: this.#starter });
  }

  /**
   * When this resolves it takes invocations, and placement is being told. Rejects with `registry-unavailable`, and
   * with `worker-id-taken` where another one has its identity.
   */
  static async open(options: WorkerOptions): Promise<Worker> {
    const { address, link, clock, sandboxes, logger, config, placements } = options;
    await using opening = new AsyncDisposableStack();
    const swept = await sandboxes.sweep();
    if (swept.length > 0) logger.warn({ swept }, 'leftovers of an earlier run removed');
    const maxBytes = config.codeCacheBytes;
    const code =
      options.code ??
      opening.use(await CodeCache.open({ ...options, directory: options.codeDirectory, maxBytes }));
    const environments = new Environments();
    const memory = new MemoryBudget(memoryBudgetMb(config, totalmem()));
    const changed = () => worker.#changed();
    const identity = opening.use(await WorkerIdentity.claim({ ...options, environments, memory, changed }));
    const pools = opening.use(new Pools({ ...options, ...config, memory }));
    const door = opening.use(new RouterDoor({ link, address, clock }));
    const worker: Worker = new Worker(options, { environments, memory, pools, identity, code, door });
    opening.use(worker.#invocations);
    opening.use(worker.#provisioned);
    opening.use(worker.#keepAlive());
    await door.serve(worker.#invocations);
    await identity.join();
    worker.#reporters = opening.use(await PlacementReporters.open(placements, worker.#reporting()));
    worker.#closing.use(opening.move());
    const { incarnation } = identity;
    logger.info({ address, incarnation, memoryMb: memory.totalMb }, 'worker open');
    return worker;
  }

  /** What ends from here on is not the functions' doing: no router is told of it. For who ends without a drain. */
  abandon(): void {
    this.#parts.door.hangUp();
  }

  /** Drains; may be called again. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#drain();
    return this.#disposed;
  }

  readonly #events: EnvironmentEvents = {
    rested: (environment, { late }) => {
      this.#invocations.freed(environment, { tell: late });
      this.#changed();
    },
    answered: (environment, invoke, completion) => {
      this.#invocations.answered(invoke, completion);
      this.#metrics.completed(environment, completion);
    },
    notStarted: (_environment, invoke) => this.#invocations.notStarted(invoke),
    ending: environment => this.#invocations.lost(environment),
    ended: environment => {
      this.#parts.environments.remove(environment);
      this.#provisioned.ended(environment);
      this.#changed();
    },
  };

  #keepAlive(): KeepAlive {
    const [retention, starter] = [this.#retention, this.#starter];
    return new KeepAlive({ ...this.#options, ...this.#parts, retention, starter });
  }

  /** Slots or environments came or went. */
  #changed(): void {
    this.#invocations.slotsChanged();
    this.#reporters?.changed();
  }

  #reporting() {
    const { id, runtimes, present = () => true } = this.#options;
    const { grants, incarnation } = this.#parts.identity;
    const provisioned = this.#provisioned;
    const worker = { id, incarnation, runtimes, grants, provisioned, ...this.#parts };
    const report = () =>
      workerReport({ ...worker, draining: this.#disposed !== undefined, sessionLost: !present() });
    const advice: PlacementAdvice = {
      start: (spec, command) => this.#starter.start(spec, command),
      raise: ({ limitId, slots }) => grants.raise(limitId, slots),
      lower: ({ limitId, slots }) => grants.lower(limitId, slots),
      provision: command => provisioned.provision(command),
    };
    return { ...this.#options, report, advice };
  }

  async #drain(): Promise<void> {
    const { logger, sandboxes, logs, clock, config } = this.#options;
    const { environments, identity } = this.#parts;
    logger.info({ environments: environments.size }, 'worker drains');
    this.#invocations.drain();
    this.#provisioned[Symbol.dispose]();
    identity.grants.drain();
    const starts = this.#starter.drain();
    this.#reporters?.changed();
    const cutOff = await environments.drain(clock, config.drainTimeoutMs);
    if (cutOff > 0) logger.warn({ environments: cutOff }, 'running invocations ended by the drain');
    await starts;
    await logs.flush();
    // Nothing may run any more when its slots become others'.
    await sandboxes.sweep();
    await this.#closing.disposeAsync();
    logger.info('worker closed');
  }
}

interface Parts {
  readonly environments: Environments;
  readonly memory: MemoryBudget;
  readonly pools: Pools;
  readonly identity: WorkerIdentity;
  readonly code: CodeSource;
  readonly door: RouterDoor;
}

/** Opens a worker; see `Worker`. */
export const openWorker = Worker.open;
