import { type Clock, fail, isFailure, type Random, sleep } from '@lambent/core';
import type { IWatchResponse } from 'etcd3';
import type { EtcdClient } from './etcd-client.ts';
import type { EtcdEndpoint } from './etcd-endpoint.ts';
import { type EtcdNamespace, toRevision } from './etcd-namespace.ts';
import { EtcdWatchStream } from './etcd-watch-stream.ts';
import { fromEtcdError } from './from-etcd-error.ts';
import type { WatchBatch } from './registry.ts';
import { RevisionBatches } from './revision-batches.ts';
import { WatchInbox } from './watch-inbox.ts';

export interface EtcdWatchOptions {
  readonly client: EtcdClient;
  readonly namespace: EtcdNamespace;
  readonly prefix: string;
  readonly fromRevision: number;
  readonly signal: AbortSignal;
  /** How many events may wait for the reader. */
  readonly eventsMax: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger?: { warn(fields: object, message: string): void };
}

/** Between two attempts to go on: at first, and at most. The next member may be well already. */
const MEND_MIN_MS = 100;
const MEND_MAX_MS = 1_000;

/**
 * Changes below a prefix for as long as anybody reads them, whatever becomes of single members.
 *
 * States: *opening* (from its first reading on; when no member confirms it, it fails as `registry-unavailable`),
 * *following* (from the first confirmation on), *mending* (the stream broke; it is opened again at the next member
 * from the first revision not yet given, for as long as it takes), and the end: the signal, `registry-compacted`
 * when what comes next is no longer kept, or `queue-full` when it is not read in time.
 */
export class EtcdWatch {
  readonly #options: EtcdWatchOptions;
  readonly #batches: RevisionBatches;
  #state: 'opening' | 'following' | 'mending' = 'opening';
  /** In a row. */
  #failures = 0;

  constructor(options: EtcdWatchOptions) {
    this.#options = options;
    this.#batches = new RevisionBatches(options.namespace, options.fromRevision);
  }

  async *read(): AsyncGenerator<WatchBatch, void, void> {
    const { client, signal } = this.#options;
    while (!signal.aborted) {
      const endpoint = client.preferred;
      try {
        yield* this.#follow(endpoint);
      } catch (error) {
        if (signal.aborted) return;
        if (isFailure(error, 'registry-compacted') || isFailure(error, 'queue-full')) throw error;
        client.avoid(endpoint);
        await this.#mend(error);
      }
    }
  }

  /** What one member tells. Ends when the signal does, and rejects when the stream breaks. */
  async *#follow(endpoint: EtcdEndpoint): AsyncGenerator<WatchBatch, void, void> {
    const { namespace, prefix, eventsMax, signal, clock } = this.#options;
    const inbox = new WatchInbox({ name: prefix, eventsMax });
    const abort = () => inbox.end();
    signal.addEventListener('abort', abort, { once: true });
    // From one revision before: some servers lose the deletes of exactly the revision that was compacted, so they
    // are asked in a way that makes them say `compacted` there. What comes twice is dropped.
    const startRevision = Math.max(1, this.#batches.next - 1);
    try {
      using _ = await EtcdWatchStream.open({
        endpoint,
        range: namespace.range(prefix),
        startRevision,
        inbox,
        clock,
      });
      for (let response = await inbox.take(); response; response = await inbox.take()) {
        for (const batch of this.#heed(response)) {
          if (signal.aborted) return;
          yield batch;
        }
      }
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  #heed(response: IWatchResponse): readonly WatchBatch[] {
    const compacted = toRevision(response.compact_revision);
    if (compacted > 0)
      throw fail('registry-compacted', { revision: this.#batches.next, oldest: compacted + 1 });
    if (response.canceled) throw new Error(`the watch was cancelled: ${response.cancel_reason}`);
    if (response.created) {
      this.#state = 'following';
      this.#failures = 0;
      return [];
    }
    // A sign of life that was asked for (its watch is -1) may overtake events; one that comes by itself does not.
    if (response.events.length === 0 && response.watch_id !== '-1')
      this.#batches.passed(toRevision(response.header.revision));
    return this.#batches.add(response);
  }

  async #mend(cause: unknown): Promise<void> {
    const { client, clock, random, signal, prefix, logger } = this.#options;
    this.#failures += 1;
    if (this.#state === 'opening' && this.#failures >= client.size) throw fromEtcdError(cause);
    if (this.#state === 'following') {
      this.#state = 'mending';
      logger?.warn({ err: cause, prefix, next: this.#batches.next }, 'watch broke and goes on elsewhere');
    }
    this.#batches.restart();
    const delayMs = Math.min(MEND_MAX_MS, MEND_MIN_MS * 2 ** (this.#failures - 1));
    // Rejects when the watch ends, which the loop sees for itself.
    await sleep(clock, delayMs * (0.5 + random.fraction()), { signal }).catch(() => {});
  }
}
