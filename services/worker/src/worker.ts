import { totalmem } from 'node:os';
import { Revisions } from '@lambent/contracts';
import { CodeCache } from '@lambent/function-code';
import { awsEndpointOf, memoryBudgetMb } from './config.ts';
import type { EnvironmentEvents } from './environment.ts';
import { EnvironmentStarter } from './environment-starter.ts';
import { Environments } from './environments.ts';
import { FleetEntry } from './fleet-entry.ts';
import { InvocationLedger } from './invocation-ledger.ts';
import { Invocations } from './invocations.ts';
import { KeepAlive } from './keep-alive.ts';
import { PlacementReporter } from './placement-reporter.ts';
import { RouterDoor } from './router-door.ts';
import { openRuntimeChannel } from './runtime-channels.ts';
import { Slots } from './slots.ts';
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
  readonly #options: WorkerOptions;
  readonly #environments = new Environments();
  readonly #slots: Slots;
  readonly #code: CodeCache;
  readonly #metrics: WorkerMetrics;
  readonly #invocations: Invocations;
  readonly #starter: EnvironmentStarter;
  readonly #closing = new AsyncDisposableStack();
  #reporter: PlacementReporter | undefined;
  #disposed: Promise<void> | undefined;

  private constructor(options: WorkerOptions, code: CodeCache, door: RouterDoor, incarnation: string) {
    const { config, clock, telemetry, id } = options;
    const slots = new Slots({ slots: config.slots, memoryMb: memoryBudgetMb(config, totalmem()) });
    const environments = this.#environments;
    const revisions = new Revisions();
    const ledger = new InvocationLedger({ clock, keptResultBytes: config.keptResultBytes });
    const shared = { environments, slots, revisions, clock, changed: () => this.#reporter?.changed() };
    this.#options = options;
    this.#code = code;
    this.#slots = slots;
    this.#metrics = new WorkerMetrics(telemetry, { environments, slots });
    this.#invocations = new Invocations({ ...shared, workerId: id, incarnation, door, ledger });
    this.#starter = new EnvironmentStarter({
      openChannel: openRuntimeChannel,
      ...options,
      ...shared,
      code,
      awsEndpoint: awsEndpointOf(config),
      startsMax: config.startsMax,
      metrics: this.#metrics,
      events: this.#events,
      started: environment => {
        this.#invocations.freed(environment, { tell: true });
        shared.changed();
      },
    });
  }

  /** When this resolves it takes invocations, and placement is being told. */
  static async open(options: WorkerOptions): Promise<Worker> {
    const { id, address, link, clock, registry, sandboxes, logger } = options;
    const incarnation = options.random.uuid();
    await using opening = new AsyncDisposableStack();
    const swept = await sandboxes.sweep();
    if (swept.length > 0) logger.warn({ swept }, 'leftovers of an earlier run removed');
    const code = opening.use(
      await CodeCache.open({
        directory: options.codeDirectory,
        blobs: options.blobs,
        maxBytes: options.config.codeCacheBytes,
      }),
    );
    const door = opening.use(new RouterDoor({ link, address, clock }));
    const worker = new Worker(options, code, door, incarnation);
    opening.use(worker.#invocations);
    opening.use(new KeepAlive({ ...options, ...options.config, environments: worker.#environments }));
    await door.serve(worker.#invocations);
    if (registry) opening.use(await FleetEntry.write({ ...options, registry, workerId: id, incarnation }));
    worker.#reporter = opening.use(worker.#openReporter());
    worker.#closing.use(opening.move());
    logger.info({ address, incarnation, memoryMb: worker.#slots.memoryMbFree }, 'worker open');
    return worker;
  }

  /** Drains; may be called again. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#drain();
    return this.#disposed;
  }

  readonly #events: EnvironmentEvents = {
    rested: (environment, { late }) => {
      this.#invocations.freed(environment, { tell: late });
      this.#reporter?.changed();
    },
    answered: (environment, invoke, completion) => {
      this.#invocations.answered(invoke, completion);
      this.#metrics.completed(environment.spec, completion);
    },
    notStarted: (_environment, invoke) => this.#invocations.notStarted(invoke),
    ending: environment => this.#invocations.lost(environment),
    ended: environment => {
      this.#environments.remove(environment);
      this.#reporter?.changed();
    },
  };

  #openReporter(): PlacementReporter {
    const { id, runtimes, placementAddress } = this.#options;
    const [environments, slots, code] = [this.#environments, this.#slots, this.#code];
    return new PlacementReporter({
      ...this.#options,
      address: placementAddress,
      report: () =>
        workerReport({ id, runtimes, environments, slots, code, draining: this.#disposed !== undefined }),
      start: (spec, command) => this.#starter.start(spec, command),
    });
  }

  async #drain(): Promise<void> {
    const { logger, sandboxes, logs, clock, config } = this.#options;
    logger.info({ environments: this.#environments.size }, 'worker drains');
    this.#invocations.drain();
    const starts = this.#starter.drain();
    this.#reporter?.changed();
    const cutOff = await this.#environments.drain(clock, config.drainTimeoutMs);
    if (cutOff > 0) logger.warn({ environments: cutOff }, 'running invocations ended by the drain');
    await starts;
    await logs.flush();
    await this.#closing.disposeAsync();
    await sandboxes.sweep();
    logger.info('worker closed');
  }
}

/** Opens a worker; see `Worker`. */
export const openWorker = Worker.open;
