import { type Clock, isFailure } from '@lambent/core';
import type { Msg } from '@nats-io/nats-core';
import type { Delivery, Headers, QueueMessage } from './bus.ts';
import { envelopeOf, type NatsEnvelope, parseEnvelope } from './nats-envelope.ts';
import { type NatsReceipt, parseReceipt } from './nats-receipt.ts';
import { againAfter, NATS_VERDICTS } from './nats-verdicts.ts';

/** What a delivery needs of its queue. */
export interface NatsDeliveryQueue {
  readonly clock: Clock;
  readonly redeliverAfterMs: number;
  /** The broker's wall time. */
  brokerMs(): number;
  tell(receipt: string, verdict: string): Promise<void>;
  remove(receipt: string, sequence: number): Promise<void>;
  /** Durably puts a message in that carries on the one of this sequence, once. */
  putSuccessor(sequence: number, successor: NatsSuccessor): Promise<void>;
  /** It is gone. */
  removed(message: Msg): void;
  /** It can be had again at once. */
  returned(stepMs: number): void;
}

export interface NatsSuccessor {
  readonly envelope: NatsEnvelope;
  readonly body: Uint8Array;
  readonly delayMs: number;
}

export interface NatsDelivered {
  readonly message: Msg;
  readonly stepMs: number;
  /** Deliveries of it that nobody saw. */
  readonly early: number;
}

/**
 * One delivery of one message. Whatever ends it may be said again until it succeeded; after that, and after the
 * time in which the message is this one's alone, giving it back does nothing.
 */
export class NatsDelivery implements Delivery {
  readonly body: Uint8Array;
  readonly deliveryCount: number;
  readonly #queue: NatsDeliveryQueue;
  readonly #delivered: NatsDelivered;
  readonly #receipt: NatsReceipt;
  readonly #envelope: NatsEnvelope;
  #heldUntilMs: number;
  #ended = false;

  constructor(queue: NatsDeliveryQueue, delivered: NatsDelivered) {
    const { message, early } = delivered;
    this.#queue = queue;
    this.#delivered = delivered;
    this.#receipt = parseReceipt(message.reply);
    this.#envelope = parseEnvelope(envelopeOf(message.headers), this.#receipt.sequence);
    this.#heldUntilMs = queue.clock.monotonicMs() + queue.redeliverAfterMs;
    this.body = new Uint8Array(message.data);
    this.deliveryCount = (this.#envelope.deliveries ?? 0) + this.#receipt.deliveryCount - early;
  }

  get id(): string {
    return this.#envelope.id;
  }

  get headers(): Headers {
    return this.#envelope.headers;
  }

  get ageMs(): number {
    return Math.max(0, this.#queue.brokerMs() - this.#enqueuedAtMs);
  }

  /** When it fell due, by the broker's clock. */
  get dueAtMs(): number {
    return this.#receipt.storedAtMs + this.#delivered.stepMs;
  }

  /** What is left of its delay though it is due: its step was shorter. */
  get restMs(): number {
    return this.#envelope.waitMs ?? 0;
  }

  async acknowledge(): Promise<void> {
    if (this.#ended) return;
    await this.#queue.remove(this.#delivered.message.reply ?? '', this.#receipt.sequence);
    if (!this.#ended) this.#queue.removed(this.#delivered.message);
    this.#ended = true;
  }

  async replace(next: QueueMessage): Promise<void> {
    if (this.#ended) return;
    const { id, headers, delayMs = 0 } = next;
    const envelope = { id, headers, enqueuedAtMs: this.#enqueuedAtMs };
    await this.#carryOn({ envelope, body: new Uint8Array(next.body), delayMs });
  }

  async release({ delayMs = 0 }: { delayMs?: number } = {}): Promise<void> {
    if (this.#ended || !this.#isHeld()) return;
    if (delayMs > 0) return this.#postpone(delayMs, this.deliveryCount);
    await this.#tell(NATS_VERDICTS.again);
    this.#ended = true;
    this.#queue.returned(this.#delivered.stepMs);
  }

  async extend(): Promise<void> {
    if (this.#ended || !this.#isHeld()) return;
    const askedAtMs = this.#queue.clock.monotonicMs();
    await this.#tell(NATS_VERDICTS.inProgress);
    this.#heldUntilMs = askedAtMs + this.#queue.redeliverAfterMs;
  }

  /** Sends it on to wait for the rest of its delay; nobody saw it. */
  async waitOn(): Promise<void> {
    await this.#postpone(this.restMs, this.deliveryCount - 1);
  }

  /** Where there is no room for it in another step it stays where it is, and only the broker knows how long. */
  async #postpone(delayMs: number, deliveries: number): Promise<void> {
    const { id, headers } = this.#envelope;
    const envelope = { id, headers, enqueuedAtMs: this.#enqueuedAtMs, deliveries };
    try {
      await this.#carryOn({ envelope, body: this.body, delayMs });
    } catch (error) {
      if (!isFailure(error, 'queue-full')) throw error;
      await this.#tell(againAfter(delayMs));
      this.#ended = true;
    }
  }

  async #carryOn(successor: NatsSuccessor): Promise<void> {
    await this.#queue.putSuccessor(this.#receipt.sequence, successor);
    await this.acknowledge();
  }

  /** By the broker's wall time. */
  get #enqueuedAtMs(): number {
    return this.#envelope.enqueuedAtMs ?? this.#receipt.storedAtMs;
  }

  #tell(verdict: string): Promise<void> {
    return this.#queue.tell(this.#delivered.message.reply ?? '', verdict);
  }

  #isHeld(): boolean {
    return this.#queue.clock.monotonicMs() < this.#heldUntilMs;
  }
}
