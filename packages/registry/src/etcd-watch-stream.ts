import type { Clock, Timer } from '@lambent/core';
import type { IWatchResponse } from 'etcd3';
import type { EtcdEndpoint } from './etcd-endpoint.ts';
import type { EtcdRange } from './etcd-namespace.ts';
import type { WatchInbox } from './watch-inbox.ts';

export interface EtcdWatchStreamOptions {
  readonly endpoint: EtcdEndpoint;
  readonly range: EtcdRange;
  readonly startRevision: number;
  readonly inbox: WatchInbox;
  readonly clock: Clock;
}

/** A member that is well confirms a watch in milliseconds. */
const CONFIRM_TIMEOUT_MS = 3_000;
/** A watch may rightly have nothing to tell, so it is asked for a sign of life so often. */
const PROGRESS_EVERY_MS = 3_000;
/** Two signs missed and a third overdue: whoever is on the other end is not. */
const SILENT_MAX_MS = 8_000;

/**
 * One watch on one member, for as long as that lives: everything it sends goes into `inbox`, which ends with the
 * reason when the stream breaks or falls silent. It never goes on elsewhere; `EtcdWatch` does.
 */
export class EtcdWatchStream implements Disposable {
  readonly #inbox: WatchInbox;
  readonly #clock: Clock;
  readonly #stream: Stream;
  #heardMs: number;
  #timer: Timer;

  private constructor({ inbox, clock, range, startRevision }: EtcdWatchStreamOptions, stream: Stream) {
    this.#inbox = inbox;
    this.#clock = clock;
    this.#stream = stream;
    this.#heardMs = clock.monotonicMs();
    this.#timer = clock.setTimer(CONFIRM_TIMEOUT_MS, () =>
      inbox.end(new Error('the watch was not confirmed')),
    );
    stream.on('data', response => this.#hear(response));
    stream.on('error', error => inbox.end(error));
    stream.on('end', () => inbox.end(new Error('the stream ended')));
    const create = { ...range, start_revision: startRevision, fragment: true, progress_notify: true };
    stream.write({ create_request: create });
  }

  static async open(options: EtcdWatchStreamOptions): Promise<EtcdWatchStream> {
    return new EtcdWatchStream(options, await options.endpoint.openWatch());
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
    this.#inbox.end();
    // Ended first: etcd3 takes the end of a stream that could be written to for a failure of its whole member.
    this.#stream.end();
    this.#stream.cancel();
  }

  #hear(response: IWatchResponse): void {
    this.#heardMs = this.#clock.monotonicMs();
    if (response.created) {
      this.#timer.cancel();
      this.#timer = this.#clock.setTimer(PROGRESS_EVERY_MS, () => this.#ask());
    }
    this.#inbox.put(response);
  }

  #ask(): void {
    if (this.#clock.monotonicMs() - this.#heardMs > SILENT_MAX_MS)
      return this.#inbox.end(new Error(`the watch was silent for ${SILENT_MAX_MS} ms`));
    this.#stream.write({ progress_request: {} });
    this.#timer = this.#clock.setTimer(PROGRESS_EVERY_MS, () => this.#ask());
  }
}

type Stream = Awaited<ReturnType<EtcdEndpoint['openWatch']>>;
