import { fail, isFailure, sleep } from '@lambent/core';
import { encodeSubjectPart, HEADER_BYTES_MAX } from '@lambent/nats';
import type { Queue, QueueDepth, QueueMessage } from './bus.ts';
import { checkMessageSize } from './message-size.ts';
import { delayStep } from './nats-delay-steps.ts';
import {
  type NatsDelivered,
  NatsDelivery,
  type NatsDeliveryQueue,
  type NatsSuccessor,
} from './nats-delivery.ts';
import { envelopeOf, type NatsEnvelope, storedBytes } from './nats-envelope.ts';
import { NatsPuller } from './nats-puller.ts';
import { NatsQueueKnowledge } from './nats-queue-knowledge.ts';
import { type NatsPublication, NatsQueueStream, type NatsQueueStreamOptions } from './nats-queue-stream.ts';
import { RecentIds } from './recent-ids.ts';

export interface NatsQueueOptions extends NatsQueueStreamOptions {
  readonly delayStepsMs: readonly number[];
  /** Aborted when the bus closes. */
  readonly closing: AbortSignal;
}

/** The broker's bound on headers, less those of its own: the id for the deduplication is the longest. */
const ENVELOPE_BYTES_MAX = HEADER_BYTES_MAX - 8 * 1024;

/** A move takes two round trips and two syncs: by then those that were first have made room. */
const MOVE_AGAIN_MS = 100;
const MOVE_TRIES = 20;

/** One durable queue on a stream of its own. */
export class NatsQueue implements Queue {
  readonly #options: NatsQueueOptions;
  readonly #stream: NatsQueueStream;
  readonly #knowledge: NatsQueueKnowledge;
  readonly #puller: NatsPuller;
  readonly #recent: RecentIds;
  readonly #ofDeliveries: NatsDeliveryQueue;

  private constructor(options: NatsQueueOptions, stream: NatsQueueStream) {
    const { clock, closing, redeliverAfterMs } = options;
    this.#options = options;
    this.#stream = stream;
    this.#knowledge = new NatsQueueKnowledge({ ...options, stream });
    this.#recent = new RecentIds(clock, options.deduplicationMs);
    this.#ofDeliveries = {
      clock,
      redeliverAfterMs,
      brokerMs: () => stream.brokerMs,
      tell: (receipt, verdict) => stream.tell(receipt, verdict),
      remove: (receipt, sequence) => stream.remove(receipt, sequence),
      putSuccessor: (sequence, successor) => this.#putSuccessor(sequence, successor),
      removed: ({ headers, data }) => this.#knowledge.room.removed(storedBytes(envelopeOf(headers), data)),
      returned: stepMs => this.#returned(stepMs),
    };
    const deliver = (delivered: NatsDelivered) => new NatsDelivery(this.#ofDeliveries, delivered);
    this.#puller = new NatsPuller({ stream, knowledge: this.#knowledge, clock, closing, deliver });
  }

  static async open(options: NatsQueueOptions): Promise<NatsQueue> {
    const stream = await NatsQueueStream.open(options);
    const queue = new NatsQueue(options, stream);
    await options.patience.persist(() => queue.#knowledge.learn());
    return queue;
  }

  async enqueue({ id, body, headers, delayMs = 0 }: QueueMessage): Promise<void> {
    const { room } = this.#knowledge;
    const publication = this.#publication(
      `enqueued-${encodeSubjectPart(id)}`,
      { id, headers },
      body,
      delayMs,
    );
    const bytes = storedBytes(publication.envelope, publication.body);
    if (!room.reserve(bytes)) {
      await this.#knowledge.refresh();
      if (!room.reserve(bytes)) return this.#refuse(id);
    }
    let stored = true;
    try {
      stored = await this.#publish(publication);
    } finally {
      room.settle(bytes, stored);
    }
    this.#recent.add(id);
    // Nobody waits for it: it is for those who come next.
    void this.#knowledge.refresh();
  }

  pull(options: { max: number; waitMs: number; signal?: AbortSignal }) {
    return this.#puller.pull(options);
  }

  async depth(): Promise<QueueDepth> {
    const { patience } = this.#options;
    const { messages, oldestAgeMs } = await patience.persist(() => this.#stream.survey());
    const pending = await this.#stream.countPending();
    return { messages, inFlight: Math.max(0, pending - this.#knowledge.watch.earlyMessages), oldestAgeMs };
  }

  /** A repeat of what is in it is no more than what is in it. */
  #refuse(id: string): void {
    const { name, maxMessages } = this.#options;
    if (!this.#recent.has(id)) throw fail('queue-full', { queue: name, max: maxMessages });
  }

  /** Of one message there is one successor, whichever of its deliveries asked for it and how often. */
  async #putSuccessor(sequence: number, { envelope, body, delayMs }: NatsSuccessor): Promise<void> {
    const publication = this.#publication(`succeeds-${sequence}`, envelope, body, delayMs);
    if (await this.#publishWhenThereIsRoom(publication))
      this.#knowledge.room.added(storedBytes(publication.envelope, publication.body));
  }

  /** Many that move at once may fill what is left for moving; each that has moved makes room for another. */
  async #publishWhenThereIsRoom(publication: NatsPublication): Promise<boolean> {
    const { clock, closing } = this.#options;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#publish(publication);
      } catch (error) {
        if (!isFailure(error, 'queue-full') || tries === MOVE_TRIES || closing.aborted) throw error;
      }
      // Aborted: the next try is the last.
      await sleep(clock, MOVE_AGAIN_MS, { signal: closing }).catch(() => {});
    }
  }

  #publication(
    messageId: string,
    envelope: NatsEnvelope,
    body: Uint8Array,
    delayMs: number,
  ): NatsPublication {
    checkMessageSize(body, JSON.stringify(envelope.headers));
    const { stepMs, restMs } = delayStep(this.#options.delayStepsMs, delayMs);
    const text = JSON.stringify(restMs > 0 ? { ...envelope, waitMs: restMs } : envelope);
    const bytes = Buffer.byteLength(text);
    if (bytes > ENVELOPE_BYTES_MAX) throw fail('payload-too-large', { bytes, maxBytes: ENVELOPE_BYTES_MAX });
    return { stepMs, messageId, envelope: text, body: new Uint8Array(body) };
  }

  /** False: it was there already. */
  async #publish(publication: NatsPublication): Promise<boolean> {
    const { seq, duplicate } = await this.#stream.publish(publication);
    const { stepMs } = publication;
    const dueAtMs = this.#options.clock.monotonicMs() + stepMs;
    if (stepMs > 0 && !duplicate) {
      this.#knowledge.watch.expect(stepMs, seq, dueAtMs);
      this.#puller.hurry(dueAtMs);
    }
    return !duplicate;
  }

  #returned(stepMs: number): void {
    if (stepMs === 0) return;
    this.#knowledge.watch.wake(stepMs);
    this.#puller.hurry(this.#options.clock.monotonicMs());
  }
}
