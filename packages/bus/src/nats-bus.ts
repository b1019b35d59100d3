import assert from 'node:assert/strict';
import { type Clock, fail, type Random, sleep } from '@lambent/core';
import { encodeSubjectPart, failureOfNats, type NatsConnection } from '@lambent/nats';
import { type Msg, RequestError, type Subscription, TimeoutError } from '@nats-io/nats-core';
import {
  type Bus,
  type BusMessage,
  DEDUPLICATION_MS,
  type Headers,
  type Queue,
  type QueueOptions,
} from './bus.ts';
import { checkMessageSize } from './message-size.ts';
import { DELAY_STEPS_MS } from './nats-delay-steps.ts';
import { fromNatsHeaders, toNatsHeaders } from './nats-headers.ts';
import { NatsPatience, PATIENCE_MS } from './nats-patience.ts';
import { NatsQueue } from './nats-queue.ts';
import { checkSubject, SubjectPattern } from './subject-pattern.ts';

export interface NatsBusOptions {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the stream of each queue. The server sets it aside: all of them together must fit its `max_file_store`. */
  readonly queueBytesMax?: number;
  /** Ascending; the steps that a delay is rounded up to. */
  readonly delayStepsMs?: readonly number[];
  readonly deduplicationMs?: number;
  /** How long what must be durable waits for a broker that is away. */
  readonly patienceMs?: number;
}

/** Some hundred thousand invocations of a few hundred bytes; the broker's disk is shared by all partitions. */
const QUEUE_BYTES_MAX = 256 * 1024 * 1024;
/** A confirmation takes a round trip. */
const DRAIN_MS = 2_000;
/** Subjects of queues; a publication there would be a message in one of them. */
const RESERVED = 'queue';

/**
 * The bus of a cluster: subjects on NATS, queues on its JetStream, all below the cluster's name. The connection
 * stays its owner's. Nothing waits here for a slow subscriber: each is called straight from the socket, and what it
 * does not take waits in the broker, which has a bound for that.
 */
export class NatsBus implements Bus {
  readonly #options: NatsBusOptions;
  readonly #closing = new AbortController();
  readonly #subscriptions = new Set<AsyncDisposable>();

  private constructor(options: NatsBusOptions) {
    this.#options = options;
  }

  static async open(options: NatsBusOptions): Promise<NatsBus> {
    return new NatsBus(options);
  }

  publish(subject: string, body: Uint8Array, headers?: Headers): void {
    const { connection } = this.#options;
    const full = this.#toPublishTo(subject);
    checkMessageSize(body, JSON.stringify(headers ?? {}));
    // At most once: while no server is there the client would keep it, without a bound.
    if (connection.state === 'disconnected' || this.#closing.signal.aborted) return;
    connection.core.publish(full, new Uint8Array(body), { headers: toNatsHeaders(headers) });
  }

  subscribe(
    subject: string,
    receive: (message: BusMessage) => void,
    options: { readonly group?: string } = {},
  ): AsyncDisposable {
    const { connection } = this.#options;
    const subscription = connection.core.subscribe(connection.subject(new SubjectPattern(subject).text), {
      ...(options.group !== undefined && { queue: queueGroup(subject, options.group) }),
      callback: (error, message) => {
        // Otherwise the broker forbids it, which it has said in the connection's log.
        if (!error) queueMicrotask(() => receive(this.#toBusMessage(message)));
      },
    });
    const disposable = {
      [Symbol.asyncDispose]: async () => {
        if (this.#subscriptions.delete(disposable)) await this.#drain(subscription);
      },
    };
    this.#subscriptions.add(disposable);
    return disposable;
  }

  async request(
    subject: string,
    body: Uint8Array,
    options: { timeoutMs: number; headers?: Headers },
  ): Promise<BusMessage> {
    const { connection } = this.#options;
    const { timeoutMs, headers } = options;
    const full = this.#toPublishTo(subject);
    checkMessageSize(body, JSON.stringify(headers ?? {}));
    const broken = (detail: string, cause?: unknown) =>
      fail('link-broken', { peer: subject, detail }, { cause });
    if (this.#closing.signal.aborted) throw broken('the bus is closed');
    if (connection.state === 'disconnected') throw broken('no NATS server answers');
    try {
      const sent = { timeout: timeoutMs, headers: toNatsHeaders(headers) };
      return this.#toBusMessage(await connection.core.request(full, new Uint8Array(body), sent));
    } catch (error) {
      if (error instanceof TimeoutError)
        throw fail('request-timeout', { subject, timeoutMs }, { cause: error });
      if (error instanceof RequestError && error.isNoResponders()) throw broken('nobody subscribes', error);
      throw broken(failureOfNats(error).message, error);
    }
  }

  openQueue(name: string, options: QueueOptions): Promise<Queue> {
    const { connection, clock, random } = this.#options;
    const { queueBytesMax, delayStepsMs, deduplicationMs, patienceMs = PATIENCE_MS } = this.#options;
    const closing = this.#closing.signal;
    return NatsQueue.open({
      ...options,
      name,
      connection,
      clock,
      closing,
      patience: new NatsPatience({ connection, clock, random, patienceMs, closing }),
      maxBytes: queueBytesMax ?? QUEUE_BYTES_MAX,
      delayStepsMs: delayStepsMs ?? DELAY_STEPS_MS,
      deduplicationMs: deduplicationMs ?? DEDUPLICATION_MS,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#subscriptions].map(each => each[Symbol.asyncDispose]()));
  }

  /** The broker is told at once, and what it had sent by then is handed on: it confirms behind that. */
  async #drain(subscription: Subscription): Promise<void> {
    const { connection, clock } = this.#options;
    if (connection.state === 'disconnected' || subscription.isClosed()) return subscription.unsubscribe();
    const drained = new AbortController();
    // It is on its way out in any case; a broker that does not confirm is not waited for.
    const late = sleep(clock, DRAIN_MS, { signal: drained.signal }).catch(() => {});
    await Promise.race([subscription.drain().catch(() => {}), late]);
    drained.abort();
    subscription.unsubscribe();
  }

  #toPublishTo(subject: string): string {
    checkSubject(subject);
    assert(!subject.startsWith(`${RESERVED}.`), `${subject} belongs to a queue`);
    return this.#options.connection.subject(subject);
  }

  #toBusMessage(message: Msg): BusMessage {
    const { cluster } = this.#options.connection;
    return {
      subject: message.subject.slice(cluster.length + 1),
      body: new Uint8Array(message.data),
      headers: fromNatsHeaders(message.headers),
      respond: (body, headers) => this.#respond(message, body, headers),
    };
  }

  /** What the client is told while no server is there it forgets when the next one is. */
  #respond(message: Msg, body: Uint8Array, headers: Headers | undefined): void {
    const { connection } = this.#options;
    checkMessageSize(body, JSON.stringify(headers ?? {}));
    if (connection.state === 'disconnected')
      throw fail('link-broken', { peer: message.reply ?? '', detail: 'no NATS server answers' });
    message.respond(new Uint8Array(body), { headers: toNatsHeaders(headers) });
  }
}

/** NATS makes one group of all of the same name, whatever they subscribed to. */
function queueGroup(subject: string, group: string): string {
  return encodeSubjectPart(`${subject} ${group}`);
}
