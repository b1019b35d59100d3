import type { Delivery, Queue } from '@lambent/bus';
import { sleep } from '@lambent/core';
import { type AttemptTools, attempt } from './attempt.ts';
import { FairShare } from './fair-share.ts';

export interface PartitionOptions {
  readonly queue: Queue;
  /** How many events it works on at a time. */
  readonly windowMax: number;
  readonly tools: Omit<AttemptTools, 'share'>;
}

/**
 * Drains one partition of the asynchronous invocations: pulls what it has room for, and keeps at most `windowMax`
 * in hand, of one function a quarter; what is more of one goes back to the queue at once. Once the service closes it
 * pulls no more and hands back what has not started.
 */
export class Partition {
  /** Resolves when the service closed and nothing is in hand any more. */
  readonly emptied: Promise<void>;
  readonly #queue: Queue;
  readonly #windowMax: number;
  readonly #tools: AttemptTools;
  readonly #inHand = new Set<Promise<void>>();
  #room: (() => void) | undefined;

  private constructor({ queue, windowMax, tools }: PartitionOptions) {
    this.#queue = queue;
    this.#windowMax = windowMax;
    this.#tools = {
      ...tools,
      share: new FairShare({ max: Math.max(1, Math.floor(windowMax / 4)), clock: tools.clock }),
    };
    this.emptied = this.#drain();
  }

  static start(options: PartitionOptions): Partition {
    return new Partition(options);
  }

  get inHand(): number {
    return this.#inHand.size;
  }

  async #drain(): Promise<void> {
    const { closing, clock, logger } = this.#tools;
    while (!closing.aborted) {
      const max = this.#windowMax - this.#inHand.size;
      if (max === 0) {
        await this.#someRoom();
        continue;
      }
      try {
        const pulled = await this.#queue.pull({ max, waitMs: PULL_WAIT_MS, signal: closing });
        for (const delivery of pulled) this.#take(delivery);
      } catch (err) {
        logger.error({ err }, 'queue could not be read');
        await sleep(clock, PULL_AGAIN_MS, { signal: closing }).catch(() => undefined);
      }
    }
    await Promise.all(this.#inHand);
  }

  #someRoom(): Promise<void> {
    return new Promise(resolve => {
      this.#room = resolve;
    });
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
