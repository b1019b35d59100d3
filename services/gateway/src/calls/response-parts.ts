import type { CallSink } from './call.ts';

/**
 * A response between the function that writes it and the caller who reads it. What lies here is what the worker may
 * send ahead of its reader; a reader who goes away takes the rest at once, so that the function is not held up.
 */
export class ResponseParts implements CallSink, AsyncIterable<Uint8Array> {
  /** Resolves when the function begins to write its response in parts; it may never. */
  readonly begun: Promise<void>;
  readonly #begun = Promise.withResolvers<void>();
  readonly #parts: Part[] = [];
  /** The reader, where it waits. */
  #wake: (() => void) | undefined;
  #state: 'open' | 'ended' | 'unread' = 'open';
  #contentType: string | undefined;
  #executedVersion = '';

  constructor() {
    this.begun = this.#begun.promise;
  }

  /** What the function says its response is; undefined where it gives it whole. */
  get contentType(): string | undefined {
    return this.#contentType;
  }

  get executedVersion(): string {
    return this.#executedVersion;
  }

  running(executedVersion: string): void {
    this.#executedVersion = executedVersion;
  }

  begin(contentType: string): void {
    this.#contentType = contentType;
    this.#begun.resolve();
  }

  part(bytes: Uint8Array): Promise<void> | undefined {
    if (this.#state !== 'open') return undefined;
    return new Promise(taken => {
      this.#parts.push({ bytes, taken });
      this.#wakeReader();
    });
  }

  /** No part follows. */
  end(): void {
    if (this.#state === 'open') this.#state = 'ended';
    this.#wakeReader();
  }

  /** Nobody reads any more. */
  abandon(): void {
    this.#state = 'unread';
    for (const { taken } of this.#parts.splice(0)) taken();
    this.#wakeReader();
  }

  /** For one reader. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    try {
      while (this.#state !== 'unread') {
        const next = this.#parts.shift();
        if (next) {
          try {
            yield next.bytes;
          } finally {
            next.taken();
          }
        } else if (this.#state === 'ended') return;
        else
          await new Promise<void>(resolve => {
            this.#wake = resolve;
          });
      }
    } finally {
      this.abandon();
    }
  }

  #wakeReader(): void {
    this.#wake?.();
    this.#wake = undefined;
  }
}

interface Part {
  readonly bytes: Uint8Array;
  readonly taken: () => void;
}
