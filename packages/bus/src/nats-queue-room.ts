/** New messages are refused above this part of the stream's bytes; the rest is for moving what is in it. */
const HIGH_WATER = 0.8;

export interface RoomOptions {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/**
 * How much a queue may still take, as far as this process knows: what a survey found, and what it added and removed
 * itself since. Between two surveys others may have done the same; the stream's own bounds hold in any case.
 */
export class NatsQueueRoom {
  readonly #messagesMax: number;
  readonly #bytesMax: number;
  #messages = 0;
  #bytes = 0;
  #reservedMessages = 0;
  #reservedBytes = 0;

  constructor({ maxMessages, maxBytes }: RoomOptions) {
    this.#messagesMax = maxMessages;
    this.#bytesMax = HIGH_WATER * maxBytes;
  }

  /** Before a message is sent. False: the queue is full. */
  reserve(bytes: number): boolean {
    const fits =
      this.#messages + this.#reservedMessages < this.#messagesMax &&
      this.#bytes + this.#reservedBytes + bytes <= this.#bytesMax;
    if (!fits) return false;
    this.#reservedMessages++;
    this.#reservedBytes += bytes;
    return true;
  }

  /** After it; one of which nobody knows whether it is stored counts as stored. */
  settle(bytes: number, stored: boolean): void {
    this.#reservedMessages--;
    this.#reservedBytes -= bytes;
    if (stored) this.added(bytes);
  }

  added(bytes: number): void {
    this.#messages++;
    this.#bytes += bytes;
  }

  removed(bytes: number): void {
    this.#messages = Math.max(0, this.#messages - 1);
    this.#bytes = Math.max(0, this.#bytes - bytes);
  }

  learn(found: { readonly messages: number; readonly bytes: number }): void {
    this.#messages = found.messages;
    this.#bytes = found.bytes;
  }
}
