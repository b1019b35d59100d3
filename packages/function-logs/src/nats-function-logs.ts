import { type Clock, Deadline, isFailure, type Random, sleep, type Timer } from '@lambent/core';
import type { NatsConnection } from '@lambent/nats';
import type { FunctionLogs, LogRecord, LogStream, LogStreamName, ReadOptions } from './function-logs.ts';
import { newest, recordsFrom } from './log-cursor.ts';
import { logMessage } from './log-message.ts';
import { LogOutbox } from './log-outbox.ts';
import { NatsLogCursor } from './nats-log-cursor.ts';
import { type LogPlace, NatsLogStream } from './nats-log-stream.ts';

export interface NatsFunctionLogsOptions {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  readonly random: Random;
  /** Of the logs of all functions. Past it the oldest go. */
  readonly maxBytes?: number;
  /** How long a record is kept, if there is room. */
  readonly maxAgeMs?: number;
  /** How many messages one group has in the stream; by default as many as are a quarter of it. */
  readonly maxBatchesPerGroup?: number;
  /** What may wait here for the broker. Past it the oldest go. */
  readonly bufferBytes?: number;
  /** Told once when publications begin to fail; they are repeated, for as long as there is room for what waits. */
  readonly failed?: (error: unknown) => void;
}

/**
 * Function logs in a stream of JetStream: every worker appends, every gateway reads. What is appended waits in
 * memory and is published by group, at most every `PUBLISH_EVERY_MS`, each group's batches one after the other; the
 * slower the broker, the larger the batches. While it is away what waits is bounded, and nobody waits for it.
 *
 * Beyond the port: records of several streams come in the order in which the broker got them. A reader that began
 * with the oldest, and any follower, is told what it missed; one that began in between does not ask what was before.
 */
export class NatsFunctionLogs implements FunctionLogs {
  readonly #options: NatsFunctionLogsOptions;
  readonly #stream: NatsLogStream;
  readonly #outbox: LogOutbox;
  readonly #closing = new AbortController();
  #timer: Timer | undefined;
  #publishing: Promise<void> = Promise.resolve();
  /** Whether the last round failed: that is told once. */
  #failing = false;
  #closed: Promise<void> | undefined;

  private constructor(options: NatsFunctionLogsOptions, stream: NatsLogStream) {
    const { random, bufferBytes: maxBytes = BUFFER_BYTES } = options;
    this.#options = options;
    this.#stream = stream;
    this.#outbox = new LogOutbox({ writer: random.uuid(), maxBytes });
  }

  static async open(options: NatsFunctionLogsOptions): Promise<NatsFunctionLogs> {
    const { connection, maxBytes = MAX_BYTES, maxAgeMs = MAX_AGE_MS, maxBatchesPerGroup } = options;
    const stream = await NatsLogStream.open(connection, { maxBytes, maxAgeMs, maxBatchesPerGroup });
    return new NatsFunctionLogs(options, stream);
  }

  openStream({ group, stream }: LogStreamName): LogStream {
    return {
      append: message => {
        if (this.#closing.signal.aborted) return;
        const timestampMs = this.#options.clock.nowMs();
        this.#outbox.append(group, { timestampMs, stream, message: logMessage(message) });
        this.#publishIn(PUBLISH_EVERY_MS);
      },
    };
  }

  async *read(group: string, options: ReadOptions): AsyncGenerator<LogRecord> {
    const { limit, sinceMs, follow, signal } = options;
    // What cannot be published cannot be read either: the reading says so, if the broker is still away.
    await this.flush().catch(() => {});
    const cursor = await this.#cursor(group, options);
    const readOn = () => recordsFrom(cursor, { group, sinceMs });
    if (limit !== undefined) yield* newest(readOn(), limit);
    else if (!follow) yield* readOn();
    if (!follow) return;
    do yield* whileThere(readOn());
    while (await this.#pause(signal));
  }

  async groups(): Promise<readonly string[]> {
    return [...new Set([...(await this.#stream.groups()), ...this.#outbox.waiting()])].sort();
  }

  /** Rejects when the broker does not take it; it is tried again by itself. */
  flush(): Promise<void> {
    const before = this.#publishing.catch(() => {});
    this.#publishing = before.then(() => this.#publish());
    return this.#publishing;
  }

  /** Publishes what waits, for a bounded time, and ends every reader that follows. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const { clock, failed, connection } = this.#options;
    this.#closing.abort();
    this.#timer?.cancel();
    using patience = Deadline.after(clock, CLOSE_PATIENCE_MS);
    for (;;) {
      try {
        return await this.flush();
      } catch (error) {
        if (patience.signal.aborted || connection.state === 'closed') return failed?.(error);
        await sleep(clock, PUBLISH_EVERY_MS);
      }
    }
  }

  #publishIn(delayMs: number): void {
    if (this.#closing.signal.aborted) return;
    this.#timer ??= this.#options.clock.setTimer(delayMs, () => {
      this.flush().then(
        () => {
          this.#failing = false;
          this.#publishAgain(PUBLISH_EVERY_MS);
        },
        (error: unknown) => {
          if (!this.#failing) this.#options.failed?.(error);
          this.#failing = true;
          this.#publishAgain(PUBLISH_AGAIN_MS);
        },
      );
    });
  }

  /** A round is over: the timer stands for it and for the pause before it, so that rounds never pile up. */
  #publishAgain(delayMs: number): void {
    this.#timer = undefined;
    if (this.#outbox.bytes > 0) this.#publishIn(delayMs);
  }

  /** Everything that waits now, several groups side by side. */
  async #publish(): Promise<void> {
    const groups = this.#outbox.waiting().values();
    let failure: { readonly error: unknown } | undefined;
    const publish = async () => {
      for (const group of groups) {
        if (failure) return;
        await this.#publishGroup(group).catch((error: unknown) => {
          failure ??= { error };
        });
      }
    };
    await Promise.all(Array.from({ length: GROUPS_AT_ONCE }, publish));
    if (failure) throw failure.error;
  }

  async #publishGroup(group: string): Promise<void> {
    const end = this.#outbox.end(group);
    for (;;) {
      const batch = this.#outbox.head(group);
      if (!batch || batch.first >= end) return;
      await this.#stream.publish(group, batch);
      this.#outbox.sent(group, batch);
    }
  }

  /** Where reading begins: a reader of the newest few does not read all that there is. */
  async #cursor(group: string, { sinceMs = 0, limit }: ReadOptions): Promise<NatsLogCursor> {
    const since = sinceMs > 0 ? await this.#stream.placeAt(group, sinceMs - CLOCKS_APART_MS) : undefined;
    const last = limit === undefined ? undefined : await this.#placeOfNewest(group, limit);
    const sequence = Math.max(since?.sequence ?? 0, last?.sequence ?? 0);
    return sequence === 0
      ? NatsLogCursor.atBeginning(this.#stream, group)
      : NatsLogCursor.at(this.#stream, group, sequence);
  }

  /** A place with at least that many batches, each of a record or more, behind it; undefined where all are needed. */
  async #placeOfNewest(group: string, limit: number): Promise<LogPlace | undefined> {
    const { clock, maxAgeMs = MAX_AGE_MS } = this.#options;
    const nowMs = clock.nowMs();
    for (let backMs = NEWEST_FIRST_MS; backMs < maxAgeMs; backMs *= NEWEST_FACTOR) {
      const place = await this.#stream.placeAt(group, nowMs - backMs);
      if (place.batches >= limit) return place;
    }
    return undefined;
  }

  /** False once nobody follows any more. */
  async #pause(signal: AbortSignal | undefined): Promise<boolean> {
    const over = new AbortController();
    const end = () => over.abort();
    const ends = [this.#closing.signal, ...(signal ? [signal] : [])];
    for (const each of ends) each.addEventListener('abort', end, { once: true });
    try {
      if (ends.some(each => each.aborted)) return false;
      await sleep(this.#options.clock, FOLLOW_EVERY_MS, { signal: over.signal });
      return true;
    } catch {
      // Woken before its time.
      return false;
    } finally {
      for (const each of ends) each.removeEventListener('abort', end);
    }
  }
}

/** While the broker is away a cursor keeps its place, and the numbers tell what goes meanwhile. */
async function* whileThere(records: AsyncIterable<LogRecord>): AsyncGenerator<LogRecord> {
  try {
    yield* records;
  } catch (error) {
    if (!isFailure(error, 'storage-failed')) throw error;
  }
}

/** The port promises that a crash loses at most the last second. */
const PUBLISH_EVERY_MS = 100;
/** While the broker does not take it. */
const PUBLISH_AGAIN_MS = 1_000;
/** Publications under way: the broker flushes each to its disk, and gains little from more. */
const GROUPS_AT_ONCE = 16;
/** How often a follower asks: its share of the time until it sees a record. */
const FOLLOW_EVERY_MS = 250;
/** How much of a drain may go into logs that the broker does not take. */
const CLOSE_PATIENCE_MS = 5_000;
/** Between the worker that stamped a record and the broker that stored it. */
const CLOCKS_APART_MS = 60_000;
/** How far back the newest are looked for first, and how much further each time there are too few. */
const NEWEST_FIRST_MS = 60_000;
const NEWEST_FACTOR = 8;
/** Seconds of what a busy worker's functions print, while the broker restarts. */
const BUFFER_BYTES = 64 * 1024 ** 2;
/** The broker sets it aside at once: its disk must have it. */
const MAX_BYTES = 4 * 1024 ** 3;
/** Two weeks. */
const MAX_AGE_MS = 1_209_600_000;
