import { type Clock, fail } from '@lambent/core';
import { failureOfNats, isTransient, type NatsConnection } from '@lambent/nats';
import {
  DiscardPolicy,
  JetStreamApiCodes,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  type StoredMsg,
} from '@nats-io/jetstream';
import { decodeRecord, encodeRecord, type FoundRecord, type NewRecord } from './blob-record.ts';

const STREAM = 'blobs';
const RECORD = 'record';
/** Puts that begin at the same moment see the same room; and what says that a blob is deleted must find some. */
const RESERVE_BYTES = 256 * 1024 * 1024;
/** What JetStream says when a stream has no room. */
const STORE_FAILED = 10077;
const WRONG_REVISION: readonly number[] = [
  JetStreamApiCodes.StreamWrongLastSequence,
  JetStreamApiCodes.StreamWrongLastSequenceUnknown,
];

/** Clocks that are nearer to each other than this are one. */
const TIME_STEP_MS = 5_000;

export interface BlobStreamOptions {
  readonly maxBytes: number;
  readonly clock: Clock;
}

export interface Chunk {
  readonly bytes: Uint8Array;
  readonly sequence: number;
}

/**
 * The stream of a cluster's blobs. A blob is the subjects below its digest, each of which holds one message: its
 * record, and its chunks by number. Whatever fails here is an operating error.
 */
export class BlobStream {
  readonly #connection: NatsConnection;
  readonly #name: string;
  readonly #maxBytes: number;
  readonly #clock: Clock;
  #offsetMs = 0;

  private constructor(connection: NatsConnection, { maxBytes, clock }: BlobStreamOptions) {
    this.#connection = connection;
    this.#clock = clock;
    this.#name = connection.streamName(STREAM);
    this.#maxBytes = maxBytes;
  }

  static async open(connection: NatsConnection, options: BlobStreamOptions): Promise<BlobStream> {
    await connection.ensureStream({
      name: STREAM,
      subjects: [connection.subject(STREAM, '>')],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.New,
      max_msgs_per_subject: 1,
      max_bytes: options.maxBytes + RESERVE_BYTES,
      allow_direct: true,
    });
    const stream = new BlobStream(connection, options);
    await stream.learnTime();
    return stream;
  }

  /** The broker's wall time, as far as it was learnt: never ahead of it by more than clocks drift since. */
  get brokerMs(): number {
    return this.#offsetMs + this.#clock.monotonicMs();
  }

  async learnTime(): Promise<number> {
    const { ts } = await this.#ask(({ manager }) => manager.streams.info(this.#name));
    const offsetMs = Date.parse(ts ?? '') - this.#clock.monotonicMs();
    // What answers take differs, and time must not seem to go back for that.
    if (Math.abs(offsetMs - this.#offsetMs) > TIME_STEP_MS) this.#offsetMs = offsetMs;
    return this.brokerMs;
  }

  /** Whether so many bytes more are within the bound. */
  async checkRoom(bytes: number): Promise<void> {
    const { state } = await this.#ask(({ manager }) => manager.streams.info(this.#name));
    if (state.bytes + bytes > this.#maxBytes) throw this.#full();
  }

  /** From the leader: what a put has said is seen by whoever asks afterwards. */
  async record(digest: string): Promise<FoundRecord | undefined> {
    const subject = this.#subject(digest, RECORD);
    const found = await this.#ask(({ manager }) =>
      manager.streams.getMessage(this.#name, { last_by_subj: subject }),
    );
    return found ? this.#found(found) : undefined;
  }

  /** The first record at or after that place in the stream. */
  async nextRecord(sequence: number): Promise<FoundRecord | undefined> {
    const query = { seq: sequence, next_by_subj: this.#subject('*', RECORD) };
    const found = await this.#ask(({ manager }) => manager.streams.getMessage(this.#name, query));
    return found ? this.#found(found) : undefined;
  }

  /** Its revision; undefined, and nothing is written, if the one there is not `expected` (0: none) any more. */
  async writeRecord(digest: string, record: NewRecord, expected: number): Promise<number | undefined> {
    try {
      return await this.#publish(this.#subject(digest, RECORD), encodeRecord(record), {
        lastSubjectSequence: expected,
      });
    } catch (error) {
      if (error instanceof JetStreamApiError && WRONG_REVISION.includes(error.code)) return undefined;
      throw this.#failure(error);
    }
  }

  /** From whichever server; only one that has not got it leads to the leader. */
  async chunk(digest: string, index: number): Promise<Chunk | undefined> {
    const query = { last_by_subj: this.#subject(digest, String(index)) };
    const found =
      (await this.#ask(({ manager }) => manager.direct.getMessage(this.#name, query))) ??
      (await this.#ask(({ manager }) => manager.streams.getMessage(this.#name, query)));
    return found ? { bytes: found.data, sequence: found.seq } : undefined;
  }

  async writeChunk(digest: string, index: number, bytes: Uint8Array): Promise<void> {
    try {
      await this.#publish(this.#subject(digest, String(index)), bytes);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  /** All there is of the blob up to that place in the stream, in one step. */
  async purge(digest: string, upTo: number): Promise<void> {
    const range = { filter: this.#subject(digest, '>'), seq: upTo + 1 };
    await this.#ask(({ manager }) => manager.streams.purge(this.#name, range));
  }

  async #publish(
    subject: string,
    body: Uint8Array,
    expect: { lastSubjectSequence?: number } = {},
  ): Promise<number> {
    const { seq } = await this.#connection.jetstream.publish(subject, body, {
      expect: { ...expect, streamName: this.#name },
    });
    return seq;
  }

  #found(message: StoredMsg): FoundRecord {
    const [digest = ''] = message.subject.split('.').slice(-2);
    return decodeRecord(message.data, { digest, revision: message.seq });
  }

  async #ask<T>(request: (connection: NatsConnection) => Promise<T>): Promise<T> {
    try {
      return await request(this.#connection);
    } catch (error) {
      throw this.#failure(error);
    }
  }

  #failure(error: unknown): Error {
    if (error instanceof JetStreamApiError && error.code === STORE_FAILED) return this.#full(error);
    if (isTransient(error)) this.#connection.suspect();
    return failureOfNats(error);
  }

  #full(cause?: unknown): Error {
    const detail = `the blobs have taken all of their ${this.#maxBytes} bytes`;
    return fail('storage-failed', { detail }, { cause });
  }

  #subject(digest: string, part: string): string {
    return this.#connection.subject(STREAM, digest, part);
  }
}
