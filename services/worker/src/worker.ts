import type { LambentError } from '@lambent/core';
import { placementAdvice } from './placement-advice.ts';
import { PlacementReporters } from './placement-reporters.ts';
import { WorkerDuties } from './worker-duties.ts';
import type { WorkerOptions } from './worker-options.ts';
import { openWorkerParts, type WorkerParts } from './worker-parts.ts';
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
  readonly #parts: WorkerParts;
  readonly #duties: WorkerDuties;
  readonly #closing = new AsyncDisposableStack();
  #reporters: PlacementReporters | undefined;
  #disposed: Promise<void> | undefined;

  private constructor(options: WorkerOptions, parts: WorkerParts) {
    this.failed = parts.identity.grants.failed;
    this.#options = options;
    this.#parts = parts;
    this.#duties = new WorkerDuties({
      ...options,
      ...parts,
      reportChanged: () => this.#reporters?.changed(),
    });
  }

  /**
   * When this resolves it takes invocations, and placement is being told. Rejects with `registry-unavailable`, and
   * with `worker-id-taken` where another one has its identity.
   */
  static async open(options: WorkerOptions): Promise<Worker> {
    const { address, logger } = options;
    await using opening = new AsyncDisposableStack();
    const changed = () => worker.#duties.slotsChanged();
    const parts = await openWorkerParts(options, { opening, changed });
    const worker: Worker = new Worker(options, parts);
    const { identity, door, memory } = parts;
    opening.use(worker.#duties);
    await door.serve(worker.#duties.invocations);
    await identity.join();
    worker.#reporters = opening.use(await worker.#reporting());
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

  #reporting(): Promise<PlacementReporters> {
    const { id, runtimes, present = () => true } = this.#options;
    const { grants, incarnation } = this.#parts.identity;
    const { starter, provisioned } = this.#duties;
    const worker = { id, incarnation, runtimes, grants, provisioned, ...this.#parts };
    const report = () =>
      workerReport({ ...worker, draining: this.#disposed !== undefined, sessionLost: !present() });
    const advice = placementAdvice({ grants, starter, provisioned });
    return PlacementReporters.open(this.#options.placements, { ...this.#options, report, advice });
  }

  async #drain(): Promise<void> {
    const { logger, sandboxes, logs, clock, config } = this.#options;
    const { environments, identity } = this.#parts;
    const { invocations, starter, provisioned } = this.#duties;
    logger.info({ environments: environments.size }, 'worker drains');
    invocations.drain();
    provisioned[Symbol.dispose]();
    identity.grants.drain();
    const starts = starter.drain();
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

/** Opens a worker; see `Worker`. */
export const openWorker = Worker.open;
