/**
 * Messages between services: passing ones by subject, and durable queues.
 *
 * Promises to the caller:
 * - `publish` is at most once and says nothing of delivery. Subjects are dot-separated; a subscription may end in
 *   `>` (all below) or hold `*` (one part). Whoever builds a subject encodes each part.
 * - `enqueue` resolves only when the message is durable; if it rejects, the message may still be there (enqueue
 *   it again with the same id: a repeat within `DEDUPLICATION_MS` is dropped, and resolves; a broker that restarts
 *   may forget the ids of messages that are gone).
 * - A queue delivers each message at least once, in order of its due time, and again after `redeliverAfterMs` or a
 *   restart unless it was acknowledged. An acknowledged message never comes again. `deliveryCount` counts
 *   deliveries, not attempts of a function: attempts travel in a header.
 * - A queue holds at most its `maxMessages`; past that `enqueue` fails with `queue-full` and stores nothing. What is
 *   in it already can always be replaced and released.
 * - A message of more than `MESSAGE_BYTES_MAX`, headers included, is `payload-too-large`.
 * - Nothing is ever dropped by age.
 */
export interface Bus extends AsyncDisposable {
  publish(subject: string, body: Uint8Array, headers?: Headers): void;
  /**
   * Of those who subscribe to one subject with the same `group`, one hears each message, over all processes. Disposing
   * of it ends it for what is published from then on, and resolves once what was on its way before has been heard.
   */
  subscribe(
    subject: string,
    receive: (message: BusMessage) => void,
    options?: { readonly group?: string },
  ): AsyncDisposable;
  /** Rejects with `request-timeout`, or `no-placement`'s sibling `link-broken` when nobody subscribes. */
  request(
    subject: string,
    body: Uint8Array,
    options: { timeoutMs: number; headers?: Headers },
  ): Promise<BusMessage>;
  /** Makes the queue if it is not there; what it holds stays. */
  openQueue(name: string, options: QueueOptions): Promise<Queue>;
}

export type Headers = Readonly<Record<string, string>>;

export interface BusMessage {
  readonly subject: string;
  readonly body: Uint8Array;
  readonly headers: Headers;
  /** Answers a request; does nothing when there was none. Fails with `link-broken` while the broker is away. */
  respond(body: Uint8Array, headers?: Headers): void;
}

export interface QueueOptions {
  readonly maxMessages: number;
  readonly redeliverAfterMs: number;
}

export interface Queue {
  enqueue(message: QueueMessage): Promise<void>;
  /** Up to `max` due messages; waits up to `waitMs` for the first. Aborting the signal resolves with none. */
  pull(options: { max: number; waitMs: number; signal?: AbortSignal }): Promise<readonly Delivery[]>;
  depth(): Promise<QueueDepth>;
}

export interface QueueMessage {
  readonly id: string;
  readonly body: Uint8Array;
  readonly headers: Headers;
  /** Not delivered before this long; an adapter may round it up to the next of a few steps. */
  readonly delayMs?: number;
}

export interface Delivery {
  readonly id: string;
  readonly body: Uint8Array;
  readonly headers: Headers;
  /** 1 for the first. */
  readonly deliveryCount: number;
  /** How long ago it was first enqueued, by the store's own clock: those of machines differ. It grows. */
  readonly ageMs: number;
  /** Resolves when the message is durably gone. */
  acknowledge(): Promise<void>;
  /**
   * Durably: `next` is in the same queue, with the time of its first enqueue, and this message is gone; never
   * neither, and after a crash in between perhaps both. Where another delivery of it was acknowledged or replaced
   * already, nothing more happens (a broker that cannot tell lets `next` come twice at worst).
   */
  replace(next: QueueMessage): Promise<void>;
  /** Gives it back at once, or after `delayMs` (rounded up likewise), durably. */
  release(options?: { delayMs?: number }): Promise<void>;
  /** Begins its redelivery time anew. */
  extend(): Promise<void>;
}

export interface QueueDepth {
  readonly messages: number;
  /** Of those, delivered and not yet acknowledged. */
  readonly inFlight: number;
  /** How long the oldest has been there; 0 when empty. */
  readonly oldestAgeMs: number;
}

/** How long a repeated id is recognised. */
export const DEDUPLICATION_MS = 120_000;

/** What the production broker is configured to take. What is larger belongs in the blobs. */
export const MESSAGE_BYTES_MAX = 2 * 1024 * 1024;
