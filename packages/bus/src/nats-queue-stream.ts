import { type Clock, fail } from '@lambent/core';
import { encodeSubjectPart, failureOfNats, isTransient, type NatsConnection } from '@lambent/nats';
import {
  AckPolicy,
  type ConsumerConfig,
  DeliverPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type PubAck,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import type { QueueOptions } from './bus.ts';
import { stepName, stepOf } from './nats-delay-steps.ts';
import { toNatsMessage } from './nats-envelope.ts';
import { fetchMessages, type NatsFetch, type NatsFetched } from './nats-fetch.ts';
import { ATTEMPT_MS, type NatsPatience } from './nats-patience.ts';
import { NATS_VERDICTS } from './nats-verdicts.ts';

export interface NatsQueueStreamOptions extends QueueOptions {
  readonly name: string;
  readonly connection: NatsConnection;
  readonly patience: NatsPatience;
  readonly clock: Clock;
  /** Of the stream, headers and the broker's own overhead included. */
  readonly maxBytes: number;
  readonly deduplicationMs: number;
}

export interface NatsPublication {
  readonly stepMs: number;
  /** Of those with one id within the time of the deduplication the stream keeps the first. */
  readonly messageId: string;
  /** As JSON. */
  readonly envelope: string;
  readonly body: Uint8Array;
}

export interface NatsSurvey {
  readonly messages: number;
  readonly bytes: number;
  /** The steps that hold anything. */
  readonly steps: ReadonlySet<number>;
  /** How long the first of what is there has been there. */
  readonly oldestAgeMs: number;
}

/** Messages on their way from one place of the stream to another are there twice; all may be at once. */
const MESSAGES_PER_MESSAGE = 2;
/** Of one step, delivered and not acknowledged. Each takes memory of the broker; more than all pulls together hold. */
const IN_FLIGHT_MAX = 65_536;
const STORE_FAILED = 10077;
const DELETE_FAILED = 10057;
const NANOS_PER_MS = 1_000_000;

/** One queue as the broker sees it: a stream with a subject for each delay step, and a consumer for each. */
export class NatsQueueStream {
  readonly #options: NatsQueueStreamOptions;
  readonly #stream: string;
  /** By step; made when something is first looked for there. */
  readonly #consumers = new Map<number, Promise<unknown>>();
  #offsetMs = 0;

  private constructor(options: NatsQueueStreamOptions, stream: string) {
    this.#options = options;
    this.#stream = stream;
  }

  static async open(options: NatsQueueStreamOptions): Promise<NatsQueueStream> {
    const { name, connection, maxMessages, maxBytes, deduplicationMs } = options;
    const info = await connection.ensureStream({
      name: `queue-${encodeSubjectPart(name)}`,
      subjects: [subjectOf(options, '*')],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_age: 0,
      max_msgs: MESSAGES_PER_MESSAGE * maxMessages,
      max_bytes: maxBytes,
      duplicate_window: deduplicationMs * NANOS_PER_MS,
    });
    return new NatsQueueStream(options, info.config.name);
  }

  /**
   * The broker's wall time, never ahead of it: due times are told by it alone, and clocks of machines differ. Known
   * from the first survey on.
   */
  get brokerMs(): number {
    return this.#offsetMs + this.#options.clock.monotonicMs();
  }

  /** Resolves when it is durable, or was before. */
  publish({ stepMs, messageId, envelope, body }: NatsPublication): Promise<PubAck> {
    const { connection, patience } = this.#options;
    const subject = subjectOf(this.#options, stepName(stepMs));
    // The client writes into the headers it gets.
    const options = () => ({ msgID: messageId, headers: toNatsMessage(envelope), timeout: ATTEMPT_MS });
    return patience.persist(() =>
      connection.jetstream.publish(subject, body, options()).catch(error => {
        if (!isFull(error)) throw error;
        const { name, maxBytes } = this.#options;
        throw fail('queue-full', { queue: name, max: `${maxBytes} bytes` }, { cause: error });
      }),
    );
  }

  /** Resolves when the broker has taken note. */
  async tell(receipt: string, verdict: string): Promise<void> {
    const { connection, patience } = this.#options;
    await patience.persist(() => connection.core.request(receipt, verdict, { timeout: ATTEMPT_MS }));
  }

  /** Resolves when the message is gone. */
  async remove(receipt: string, sequence: number): Promise<void> {
    const { connection, patience } = this.#options;
    let answered = true;
    await patience.persist(async () => {
      if (!answered) return this.#delete(sequence);
      answered = false;
      await connection.core.request(receipt, NATS_VERDICTS.done, { timeout: ATTEMPT_MS });
    });
  }

  /** A broker that was killed forgets the last deliveries, and says nothing to who acknowledges one of them. */
  async #delete(sequence: number): Promise<void> {
    try {
      await this.#options.connection.manager.streams.deleteMessage(this.#stream, sequence, false);
    } catch (error) {
      if (!isGone(error)) throw error;
    }
  }

  async fetch(stepMs: number, fetch: Pick<NatsFetch, 'batch' | 'waitMs' | 'ends'>): Promise<NatsFetched> {
    const { connection, clock } = this.#options;
    if (!(await this.#hasConsumer(stepMs))) return { messages: [], answered: false };
    const request = { ...fetch, stream: this.#stream, consumer: stepName(stepMs) };
    const fetched = await fetchMessages(connection, clock, request).catch(error => {
      throw failureOfNats(error);
    });
    if (!fetched.answered) {
      this.#consumers.delete(stepMs);
      connection.suspect();
    }
    return fetched;
  }

  async survey(): Promise<NatsSurvey> {
    const { connection, clock } = this.#options;
    const filter = { subjects_filter: subjectOf(this.#options, '*') };
    const { state, ts } = await connection.manager.streams.info(this.#stream, filter);
    const brokerMs = Date.parse(ts ?? '');
    this.#offsetMs = brokerMs - clock.monotonicMs();
    const names = Object.keys(state.subjects ?? {}).map(subject => subject.split('.').at(-1) ?? '');
    return {
      messages: state.messages,
      bytes: state.bytes,
      steps: new Set(names.map(stepOf).filter(step => step !== undefined)),
      oldestAgeMs: state.messages === 0 ? 0 : Math.max(0, brokerMs - Date.parse(state.first_ts)),
    };
  }

  /** Messages delivered and not acknowledged, of all steps. */
  async countPending(): Promise<number> {
    const { connection, patience } = this.#options;
    const consumers = await patience.persist(() => connection.manager.consumers.list(this.#stream).next());
    return consumers.reduce((sum, { num_ack_pending }) => sum + num_ack_pending, 0);
  }

  /** False: the broker is away for now. */
  async #hasConsumer(stepMs: number): Promise<boolean> {
    const { connection } = this.#options;
    if (connection.state === 'disconnected') return false;
    const known = this.#consumers.get(stepMs);
    const made = known ?? connection.manager.consumers.add(this.#stream, this.#consumerConfig(stepMs));
    this.#consumers.set(stepMs, made);
    try {
      await made;
      return true;
    } catch (error) {
      this.#consumers.delete(stepMs);
      if (isTransient(error)) return false;
      throw failureOfNats(error);
    }
  }

  #consumerConfig(stepMs: number): Partial<ConsumerConfig> {
    return {
      durable_name: stepName(stepMs),
      filter_subject: subjectOf(this.#options, stepName(stepMs)),
      deliver_policy: DeliverPolicy.All,
      ack_policy: AckPolicy.Explicit,
      ack_wait: this.#options.redeliverAfterMs * NANOS_PER_MS,
      // Who gives up on a message decides that, and says so; a broker that does leaves it there for nobody to see.
      max_deliver: -1,
      max_ack_pending: IN_FLIGHT_MAX,
    };
  }
}

/** The same code stands for any failure of the stream's store, such as a full disk. */
function isFull(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError) || error.code !== STORE_FAILED) return false;
  return /maximum (messages|bytes) exceeded/.test(error.message);
}

/** Deleted before, or beyond the last message that the broker has. */
function isGone(error: unknown): boolean {
  if (!(error instanceof JetStreamApiError) || error.code !== DELETE_FAILED) return false;
  return /no message found|EOF/.test(error.message);
}

function subjectOf({ connection, name }: NatsQueueStreamOptions, step: string): string {
  return connection.subject('queue', encodeSubjectPart(name), step);
}
