import { fail } from '@lambent/core';
import type { IWatchResponse } from 'etcd3';

export interface WatchInboxOptions {
  /** Names it in the error. */
  readonly name: string;
  readonly eventsMax: number;
}

/** However few events they are. As much as etcd puts into a handful of responses. */
const BYTES_MAX = 32 * 1_024 ** 2;

/** What has arrived on a watch and was not read yet. One that is not read in time ends as `queue-full`. */
export class WatchInbox {
  readonly #options: WatchInboxOptions;
  readonly #responses: IWatchResponse[] = [];
  #events = 0;
  #bytes = 0;
  #end: { readonly cause?: unknown } | undefined;
  #wake: () => void = () => {};

  constructor(options: WatchInboxOptions) {
    this.#options = options;
  }

  put(response: IWatchResponse): void {
    if (this.#end) return;
    const { name, eventsMax } = this.#options;
    this.#count(response, 1);
    // A single response is let in whatever its size: its reader has had no chance to be slow.
    const isFull = this.#responses.length > 0 && (this.#events > eventsMax || this.#bytes > BYTES_MAX);
    if (isFull) return this.end(fail('queue-full', { queue: `watch ${name}`, max: eventsMax }));
    this.#responses.push(response);
    this.#wake();
  }

  /** Nothing more comes; what is there is still read first. Without a cause it ends without an error. */
  end(cause?: unknown): void {
    this.#end ??= { cause };
    this.#wake();
  }

  /** The next response, as soon as it is there; undefined at the end. Rejects with the cause of the end. */
  async take(): Promise<IWatchResponse | undefined> {
    while (this.#responses.length === 0 && !this.#end)
      await new Promise<void>(resolve => {
        this.#wake = resolve;
      });
    const response = this.#responses.shift();
    if (response) this.#count(response, -1);
    else if (this.#end?.cause !== undefined) throw this.#end.cause;
    return response;
  }

  #count({ events }: IWatchResponse, sign: 1 | -1): void {
    this.#events += sign * events.length;
    for (const { kv } of events) this.#bytes += sign * (kv.key.length + kv.value.length);
  }
}
