import { QUOTAS } from '@lambent/core';

/** The last bytes of one invocation's log, as `LogType: Tail` gives them back. */
export class LogTail {
  #chunks: Buffer[] = [];
  #bytes = 0;

  push(record: string): void {
    const chunk = Buffer.from(`${record}\n`);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Joined now and then, so that neither many short records nor a long one is held.
    if (this.#bytes > 2 * QUOTAS.logTailBytes) this.#cut();
  }

  bytes(): Uint8Array {
    this.#cut();
    return this.#chunks[0] ?? new Uint8Array();
  }

  #cut(): void {
    const joined = Buffer.concat(this.#chunks);
    const tail = Buffer.from(joined.subarray(Math.max(0, joined.length - QUOTAS.logTailBytes)));
    this.#chunks = [tail];
    this.#bytes = tail.length;
  }
}
