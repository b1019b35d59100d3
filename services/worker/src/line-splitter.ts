/** Makes lines of what a process prints. Carriage returns and escape sequences stay: they are the function's. */
export class LineSplitter {
  readonly #line: (text: string) => void;
  #held: Buffer[] = [];
  #heldBytes = 0;

  constructor(line: (text: string) => void) {
    this.#line = line;
  }

  push(chunk: Buffer): void {
    let at = 0;
    for (let end = chunk.indexOf(NEW_LINE); end !== -1; end = chunk.indexOf(NEW_LINE, at)) {
      this.#hold(chunk.subarray(at, end));
      this.#emit();
      at = end + 1;
    }
    this.#hold(chunk.subarray(at));
  }

  /** What stands there without a line end becomes a line of its own. */
  flush(): void {
    if (this.#heldBytes > 0) this.#emit();
  }

  #hold(piece: Buffer): void {
    let rest = piece;
    while (this.#heldBytes + rest.length > LINE_BYTES_MAX) {
      const room = LINE_BYTES_MAX - this.#heldBytes;
      this.#held.push(rest.subarray(0, room));
      this.#emit();
      rest = rest.subarray(room);
    }
    if (rest.length === 0) return;
    this.#held.push(rest);
    this.#heldBytes += rest.length;
  }

  #emit(): void {
    const text = Buffer.concat(this.#held).toString('utf8');
    this.#held = [];
    this.#heldBytes = 0;
    this.#line(text);
  }
}

const NEW_LINE = 0x0a;
/** CloudWatch's bound on one event; a longer line becomes several records. */
export const LINE_BYTES_MAX = 256 * 1024;
