/** The least framing there is: a 32-bit length, then the bytes. */
export function frame(body: Buffer): Buffer {
  const whole = Buffer.allocUnsafe(4 + body.length);
  whole.writeUInt32LE(body.length);
  body.copy(whole, 4);
  return whole;
}

export class FrameReader {
  readonly #deliver: (body: Buffer) => void;
  #held: Buffer = Buffer.alloc(0);

  constructor(deliver: (body: Buffer) => void) {
    this.#deliver = deliver;
  }

  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    while (this.#held.length >= 4) {
      const length = this.#held.readUInt32LE(0);
      if (this.#held.length < 4 + length) return;
      const body = this.#held.subarray(4, 4 + length);
      this.#held = this.#held.subarray(4 + length);
      this.#deliver(body);
    }
  }
}
