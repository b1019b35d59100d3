import type { ResponseSink } from '@lambent/core';

/** Takes of a response in parts as much as one may have; past that nothing of it is passed on any more. */
export class BoundedSink implements ResponseSink {
  readonly maxBytes: number;
  readonly #sink: ResponseSink;
  #bytes = 0;

  constructor(sink: ResponseSink, maxBytes: number) {
    this.#sink = sink;
    this.maxBytes = maxBytes;
  }

  /** How many bytes the runtime has written. */
  get bytes(): number {
    return this.#bytes;
  }

  get isOver(): boolean {
    return this.#bytes > this.maxBytes;
  }

  begin(contentType: string): void {
    this.#sink.begin(contentType);
  }

  part(bytes: Uint8Array): Promise<void> | undefined {
    this.#bytes += bytes.length;
    return this.isOver ? undefined : this.#sink.part(bytes);
  }
}
