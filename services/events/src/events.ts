import { type Clock, sleep } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import type { AsyncQueues, FunctionCatalog } from '@lambent/functions';
import type { Invoker } from '@lambent/router';
import type { AttemptTools } from './attempt.ts';
import type { EventsConfig } from './config.ts';
import { DepthGauges } from './depth-gauges.ts';
import { Partition } from './partition.ts';

export interface EventsOptions {
  readonly asyncQueues: AsyncQueues;
  readonly catalog: Pick<FunctionCatalog, 'resolve' | 'forget'>;
  readonly invoker: Invoker;
  readonly wishOf: AttemptTools['wishOf'];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly config: EventsConfig;
  /** How long attempts may finish when it closes; what has not is delivered again later. */
  readonly drainTimeoutMs: number;
}

/**
 * Drains the asynchronous invocations, every partition for itself: one that is flooded or waits is in nobody
 * else's way. Several replicas pull from the same queues, which give each event to one of them. Closing it pulls no
 * more, hands back what has not started, lets what runs finish, and leaves the rest to the queues.
 */
export class Events implements AsyncDisposable {
  readonly #options: EventsOptions;
  readonly #closing = new AbortController();
  readonly #gone = new AbortController();
  readonly #partitions: readonly Partition[];
  readonly #gauges: DepthGauges;
  #closed: Promise<void> | undefined;

  private constructor(options: EventsOptions) {
    const { telemetry, config } = options;
    const { queues } = options.asyncQueues;
    const logger = options.logger.child({ component: 'events' });
    this.#options = options;
    const tools = this.#tools(logger);
    const windows = windowsOf(config.windowMax, queues.length);
    this.#partitions = queues.map((queue, partition) =>
      Partition.start({ queue, windowMax: windows[partition] ?? 1, tools }),
    );
    this.#gauges = DepthGauges.start({ ...options, queues, logger });
    telemetry.gauge('lambent_async_events_in_hand', 'Asynchronous events worked on now.', () =>
      this.#partitions.reduce((sum, { inHand }) => sum + inHand, 0),
    );
  }

  static start(options: EventsOptions): Events {
    return new Events(options);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { clock, drainTimeoutMs } = this.#options;
    this.#closing.abort();
    const patience = new AbortController();
    const tooLong = sleep(clock, drainTimeoutMs, { signal: patience.signal });
    const emptied = Promise.all(this.#partitions.map(partition => partition.emptied));
    await Promise.race([emptied, tooLong.catch(() => undefined)]);
    patience.abort();
    this.#gone.abort();
    await this.#gauges[Symbol.asyncDispose]();
  }

  #tools(logger: Logger): Omit<AttemptTools, 'share'> {
    const dropped = this.#options.telemetry.counter(
      'lambent_async_events_dropped',
      'Asynchronous events given up, by reason.',
    );
    return {
      ...this.#options,
      logger,
      closing: this.#closing.signal,
      gone: this.#gone.signal,
      dropped: (reason, functionName) => dropped.add(1, { reason, function: functionName }),
    };
  }
}

/** As even as whole numbers are; a partition without a window would never be drained. */
function windowsOf(windowMax: number, partitions: number): number[] {
  const even = Math.floor(windowMax / partitions);
  const rest = windowMax % partitions;
  return Array.from({ length: partitions }, (_, partition) => Math.max(1, even + (partition < rest ? 1 : 0)));
}
