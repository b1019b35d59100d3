import type { Bus, Delivery, Queue } from '@lambent/bus';
import { type Clock, sleep } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';
import { ASYNC_QUEUE, ASYNC_REDELIVER_AFTER_MS, type FunctionCatalog } from '@lambent/functions';
import type { Invoker } from '@lambent/router';
import { type AttemptTools, attempt } from './attempt.ts';
import type { EventsConfig } from './config.ts';
import { FairShare } from './fair-share.ts';

export interface EventsOptions {
  readonly bus: Bus;
  readonly catalog: Pick<FunctionCatalog, 'resolve'>;
  readonly invoker: Invoker;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly telemetry: Telemetry;
  readonly config: EventsConfig;
  /** What the queue holds at most: the same number that gateways refuse at. */
  readonly queueMax: number;
  /** How long attempts may finish when it closes; what has not is delivered again later. */
  readonly drainTimeoutMs: number;
}

/**
 * Drains the queue of asynchronous invocations: pulls what it has room for, and keeps at most `windowMax` in hand.
 * Closing it pulls no more, lets what runs finish, and leaves the rest to the queue.
 */
export class Events implements AsyncDisposable {
  readonly #options: EventsOptions;
  readonly #queue: Queue;
  readonly #tools: AttemptTools;
  readonly #closing = new AbortController();
  readonly #gone = new AbortController();
  readonly #inHand = new Set<Promise<void>>();
  #room: (() => void) | undefined;
  readonly #draining: Promise<void>;
  #closed: Promise<void> | undefined;

  private constructor(options: EventsOptions, queue: Queue) {
    const { telemetry } = options;
    const logger = options.logger.child({ component: 'events' });
    const dropped = telemetry.counter(
      'lambent_async_events_dropped',
      'Asynchronous events given up, by reason.',
    );
    telemetry.gauge(
      'lambent_async_events_in_hand',
      'Asynchronous events worked on now.',
      () => this.#inHand.size,
    );
    this.#options = options;
    this.#queue = queue;
    this.#tools = {
      ...options,
      logger,
      share: new FairShare({ max: Math.max(1, Math.floor(options.config.windowMax / 4)) }),
      gone: this.#gone.signal,
      dropped: (reason, functionName) => dropped.add(1, { reason, function: functionName }),
    };
    this.#draining = this.#drain(logger);
  }

  static async open(options: EventsOptions): Promise<Events> {
    const queue = await options.bus.openQueue(ASYNC_QUEUE, {
      maxMessages: options.queueMax,
      redeliverAfterMs: ASYNC_REDELIVER_AFTER_MS,
    });
    return new Events(options, queue);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    this.#room?.();
    await this.#draining;
    const patience = new AbortController();
    const tooLong = sleep(this.#options.clock, this.#options.drainTimeoutMs, { signal: patience.signal });
    await Promise.race([Promise.allSettled(this.#inHand), tooLong.catch(() => undefined)]);
    patience.abort();
    this.#gone.abort();
  }

  async #drain(logger: Logger): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      const free = this.#options.config.windowMax - this.#inHand.size;
      if (free === 0) {
        await new Promise<void>(resolve => {
          this.#room = resolve;
        });
        continue;
      }
      try {
        for (const delivery of await this.#queue.pull({ max: free, waitMs: PULL_WAIT_MS, signal }))
          this.#take(delivery);
      } catch (err) {
        logger.error({ err }, 'queue could not be read');
        await sleep(this.#options.clock, PULL_AGAIN_MS, { signal }).catch(() => undefined);
      }
    }
  }

  #take(delivery: Delivery): void {
    const done = attempt(delivery, this.#tools)
      // The queue could not be told: it will deliver the message again, which the promise allows.
      .catch((err: unknown) => this.#tools.logger.error({ err, messageId: delivery.id }, 'event not settled'))
      .finally(() => {
        this.#inHand.delete(done);
        this.#room?.();
      });
    this.#inHand.add(done);
  }
}

/** A pull waits this long for the first message; it ends at once when the service closes. */
const PULL_WAIT_MS = 5_000;
/** After a failure of the store. */
const PULL_AGAIN_MS = 1_000;
