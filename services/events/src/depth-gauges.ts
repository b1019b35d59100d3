import type { Queue, QueueDepth } from '@lambent/bus';
import { type Clock, sleep } from '@lambent/core';
import type { Logger, Telemetry } from '@lambent/daemon';

export interface DepthGaugesOptions {
  readonly queues: readonly Queue[];
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How full each partition is, and how old: read now and then, since whoever collects metrics must not wait. */
export class DepthGauges implements AsyncDisposable {
  readonly #options: DepthGaugesOptions;
  readonly #depths: QueueDepth[] = [];
  readonly #closing = new AbortController();
  readonly #reading: Promise<void>;

  private constructor(options: DepthGaugesOptions) {
    const { telemetry, queues } = options;
    this.#options = options;
    for (const partition of queues.keys()) {
      const labels = { partition };
      telemetry.gauge(
        'lambent_async_events_waiting',
        'Asynchronous events that are not done, worked on or not.',
        () => this.#depths[partition]?.messages ?? 0,
        labels,
      );
      telemetry.gauge(
        'lambent_async_events_oldest_age_seconds',
        'How long the oldest asynchronous event has been there.',
        () => (this.#depths[partition]?.oldestAgeMs ?? 0) / 1_000,
        labels,
      );
    }
    this.#reading = this.#read();
  }

  static start(options: DepthGaugesOptions): DepthGauges {
    return new DepthGauges(options);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#reading;
  }

  async #read(): Promise<void> {
    const { queues, clock, logger } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      for (const [partition, queue] of queues.entries()) {
        try {
          this.#depths[partition] = await queue.depth();
        } catch (err) {
          // The last depth known stands until the store answers again; that it does not is told by those who pull.
          logger.debug({ err, partition }, 'depth not read');
        }
      }
      await sleep(clock, READ_EVERY_MS, { signal }).catch(() => undefined);
    }
  }
}

/** Finer than metrics are collected, and nothing beside what a partition pulls. */
const READ_EVERY_MS = 5_000;
