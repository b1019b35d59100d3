import { fail } from '@lambent/core';
import {
  decodeSubjectPart,
  encodeSubjectPart,
  failureOfNats,
  isTransient,
  type NatsConnection,
} from '@lambent/nats';
import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
} from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { decodeBatch, encodeBatch, type LogBatch } from './log-batch.ts';
import { BATCH_BYTES_MAX, type OutgoingBatch } from './log-outbox.ts';

const STREAM = 'logs';
/** One group takes so much of the stream at most, as long as its records are no larger than a batch should be. */
const GROUP_SHARE = 4;
/** A batch that is sent again within this is stored once; later, readers tell by its numbers. */
const DUPLICATES_MS = 120_000;
/** What looks for a place in time is forgotten by the broker after this, if it is not told to. */
const PROBE_MS = 10_000;

export interface NatsLogStreamOptions {
  readonly maxBytes: number;
  readonly maxAgeMs: number;
  readonly maxBatchesPerGroup?: number | undefined;
}

export interface StoredBatch extends LogBatch {
  readonly sequence: number;
}

/** A place in a group. */
export interface LogPlace {
  /** The first batch is at it or after it. */
  readonly sequence: number;
  /** How many batches there are from it on. */
  readonly batches: number;
}

/** The stream of a cluster's function logs: a subject for each group, a message for each batch. */
export class NatsLogStream {
  readonly #connection: NatsConnection;
  readonly #name: string;

  private constructor(connection: NatsConnection) {
    this.#connection = connection;
    this.#name = connection.streamName(STREAM);
  }

  static async open(connection: NatsConnection, options: NatsLogStreamOptions): Promise<NatsLogStream> {
    const { maxBytes, maxAgeMs } = options;
    const share = Math.ceil(maxBytes / GROUP_SHARE / BATCH_BYTES_MAX);
    await connection.ensureStream({
      name: STREAM,
      subjects: [connection.subject(STREAM, '*')],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_bytes: maxBytes,
      max_age: nanos(maxAgeMs),
      max_msgs_per_subject: options.maxBatchesPerGroup ?? share,
      duplicate_window: nanos(Math.min(DUPLICATES_MS, maxAgeMs)),
      allow_direct: true,
    });
    return new NatsLogStream(connection);
  }

  /** Resolves when it is durable. */
  async publish(group: string, { writer, first, lines }: OutgoingBatch): Promise<void> {
    const msgID = `${writer}/${first}`;
    await this.#ask(({ jetstream }) =>
      jetstream.publish(this.#subject(group), encodeBatch({ writer, first }, lines), { msgID }),
    );
  }

  /** The group's first batch at or after that place; what was published before the call is found. */
  async next(group: string, sequence: number): Promise<StoredBatch | undefined> {
    const query = { seq: sequence, next_by_subj: this.#subject(group) };
    // Any server answers for the past; only the leader knows where it ends.
    const found =
      (await this.#ask(({ manager }) => manager.direct.getMessage(this.#name, query))) ??
      (await this.#ask(({ manager }) => manager.streams.getMessage(this.#name, query)));
    return found ? stored(found) : undefined;
  }

  /** Where what was stored at that time or later begins. */
  async placeAt(group: string, atMs: number): Promise<LogPlace> {
    const probe = await this.#ask(({ manager }) =>
      manager.consumers.add(this.#name, {
        filter_subject: this.#subject(group),
        ack_policy: AckPolicy.None,
        deliver_policy: DeliverPolicy.StartTime,
        opt_start_time: new Date(Math.max(0, atMs)).toISOString(),
        inactive_threshold: nanos(PROBE_MS),
        mem_storage: true,
        num_replicas: 1,
      }),
    );
    await this.#ask(({ manager }) => manager.consumers.delete(this.#name, probe.name));
    return { sequence: probe.delivered.stream_seq + 1, batches: probe.num_pending };
  }

  async groups(): Promise<string[]> {
    const query = { subjects_filter: this.#connection.subject(STREAM, '*') };
    const { state } = await this.#ask(({ manager }) => manager.streams.info(this.#name, query));
    const prefix = this.#connection.subject(STREAM, '').length;
    return Object.keys(state.subjects ?? {}).map(subject => decodeSubjectPart(subject.slice(prefix)));
  }

  /** Nobody is asked who cannot answer: the client would keep what it is told in memory, and us waiting. */
  async #ask<T>(request: (connection: NatsConnection) => Promise<T>): Promise<T> {
    const { state } = this.#connection;
    if (state !== 'connected') throw fail('storage-failed', { detail: `NATS: ${state}` });
    try {
      return await request(this.#connection);
    } catch (error) {
      if (isTransient(error)) this.#connection.suspect();
      throw failureOfNats(error);
    }
  }

  #subject(group: string): string {
    return this.#connection.subject(STREAM, encodeSubjectPart(group));
  }
}

/** What cannot be read is a batch of nothing: the reader goes on behind it. */
function stored(message: StoredMsg): StoredBatch {
  const { seq: sequence, data } = message;
  return { writer: '', first: 0, records: [], ...decodeBatch(data), sequence };
}
