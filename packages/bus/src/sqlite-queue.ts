import { type Clock, Deadline, fail } from '@lambent/core';
import type { Commands, Doorbell } from '@lambent/sqlite';
import type { Delivery, Queue, QueueDepth, QueueMessage, QueueOptions } from './bus.ts';
import type { BusCommands, Delivered, Incoming, Receipt } from './bus-commands.ts';
import { checkMessageSize } from './message-size.ts';

export interface SqliteQueueOptions extends QueueOptions {
  /** Of the row in `bus_queues`. */
  readonly queue: number;
  readonly commands: Commands<BusCommands>;
  readonly clock: Clock;
  /** The store's time: wall time when it was opened, and from there on without jumps. */
  readonly storeMs: () => number;
  /** Rings when the queue may hold something new to deliver. One for all that have the queue open. */
  readonly changed: Doorbell;
  /** Aborted when the bus closes. */
  readonly closing: AbortSignal;
}

/** One durable queue. Whoever waits for a message is woken by what puts one in, or by the time of the next one. */
export class SqliteQueue implements Queue {
  readonly #options: SqliteQueueOptions;

  constructor(options: SqliteQueueOptions) {
    this.#options = options;
  }

  async enqueue(message: QueueMessage): Promise<void> {
    const { queue, maxMessages, storeMs } = this.#options;
    const incoming = toIncoming(message);
    await this.#change('enqueue', { queue, maxMessages, nowMs: storeMs(), message: incoming }, [
      incoming.body,
    ]);
  }

  async pull({ max, waitMs, signal }: { max: number; waitMs: number; signal?: AbortSignal }) {
    const { clock, closing, changed, storeMs } = this.#options;
    using deadline = Deadline.after(clock, waitMs, signal);
    for (;;) {
      if (signal?.aborted || closing.aborted) return [];
      const { rings } = changed;
      const { messages, nextDueMs = Number.POSITIVE_INFINITY } = await this.#take(max);
      if (signal?.aborted) return this.#giveBack(messages);
      if (messages.length > 0) return messages.map(message => this.#delivery(message));
      if (deadline.remainingMs === 0 || closing.aborted) return [];
      const dueInMs = Math.min(nextDueMs - storeMs(), deadline.remainingMs);
      if (dueInMs <= 0) continue;
      using due = Deadline.after(clock, dueInMs, deadline.signal);
      await changed.next(rings, due.signal);
    }
  }

  async depth(): Promise<QueueDepth> {
    const { queue } = this.#options;
    const { messages, inFlight, oldestEnqueuedAtMs } = await this.#run('depth', { queue });
    const oldestAgeMs = oldestEnqueuedAtMs === undefined ? 0 : this.#ageMs(oldestEnqueuedAtMs);
    return { messages, inFlight, oldestAgeMs };
  }

  async #take(max: number) {
    const { queue, storeMs, changed } = this.#options;
    const nowMs = storeMs();
    const pulled = await this.#run('pull', { queue, max, nowMs, heldUntilMs: this.#heldUntilMs() });
    // Others that wait must know when these fall due again.
    if (pulled.messages.length > 0) changed.ring();
    return pulled;
  }

  async #giveBack(messages: readonly Delivered[]): Promise<readonly Delivery[]> {
    await Promise.all(messages.map(message => this.#delivery(message).release()));
    return [];
  }

  #delivery(message: Delivered): Delivery {
    const { id, body, deliveryCount, enqueuedAtMs, sequence } = message;
    const receipt: Receipt = { sequence, deliveryCount };
    const { storeMs } = this.#options;
    const ageMs = () => this.#ageMs(enqueuedAtMs);
    return {
      id,
      body,
      headers: JSON.parse(message.headers) as Delivery['headers'],
      deliveryCount,
      get ageMs() {
        return ageMs();
      },
      acknowledge: () => this.#run('acknowledge', receipt),
      replace: async next => {
        const incoming = toIncoming(next);
        await this.#change('replace', { ...receipt, nowMs: storeMs(), next: incoming }, [incoming.body]);
      },
      release: ({ delayMs } = {}) => this.#change('release', { ...receipt, nowMs: storeMs(), delayMs }),
      extend: () => this.#run('extend', { ...receipt, heldUntilMs: this.#heldUntilMs() }),
    };
  }

  /** Wall time may have been set back before the store was opened. */
  #ageMs(enqueuedAtMs: number): number {
    return Math.max(0, this.#options.storeMs() - enqueuedAtMs);
  }

  #heldUntilMs(): number {
    return this.#options.storeMs() + this.#options.redeliverAfterMs;
  }

  async #change<Name extends 'enqueue' | 'replace' | 'release'>(
    name: Name,
    input: Parameters<BusCommands[Name]>[0],
    bodies?: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<void> {
    await this.#run(name, input, bodies);
    this.#options.changed.ring();
  }

  async #run<Name extends keyof BusCommands>(
    name: Name,
    input: Parameters<BusCommands[Name]>[0],
    bodies?: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<ReturnType<BusCommands[Name]>> {
    if (this.#options.closing.aborted) throw fail('storage-failed', { detail: 'the bus is closed' });
    return this.#options.commands.run(name, input, bodies);
  }
}

function toIncoming({
  id,
  body,
  headers,
  delayMs = 0,
}: QueueMessage): Incoming & { body: Uint8Array<ArrayBuffer> } {
  const text = JSON.stringify(headers);
  checkMessageSize(body, text);
  return { id, delayMs, headers: text, body: new Uint8Array(body) };
}
