import type { Readable } from 'node:stream';
import type { Clock, Timer } from '@lambent/core';
import { LineSplitter } from './line-splitter.ts';

/**
 * Reads one standard stream of a sandbox. A function that floods it is slowed down by its own full pipe: reading
 * pauses when a window's share is used up, so that neighbours keep the worker's attention.
 */
export class OutputPipe implements Disposable {
  readonly #source: Readable;
  readonly #clock: Clock;
  readonly #lines: LineSplitter;
  /** What was read beyond the shares of the windows that have passed, in bytes. */
  #spent = 0;
  #window: Timer | undefined;

  constructor(source: Readable, options: { clock: Clock; line: (text: string) => void }) {
    this.#source = source;
    this.#clock = options.clock;
    this.#lines = new LineSplitter(text => {
      this.#spent += LINE_COST_BYTES;
      options.line(text);
    });
    source.on('data', (chunk: Buffer) => this.#read(chunk));
    source.on('end', () => this.#lines.flush());
    // The pipe of a killed process breaks; the sandbox's exit says why.
    source.on('error', () => undefined);
  }

  /** Half a line printed so far becomes a record: its invocation ends here. */
  flush(): void {
    this.#lines.flush();
  }

  [Symbol.dispose](): void {
    this.#window?.cancel();
    this.#window = undefined;
    this.#lines.flush();
    this.#source.removeAllListeners('data').destroy();
  }

  #read(chunk: Buffer): void {
    this.#lines.push(chunk);
    this.#spent += chunk.length;
    this.#window ??= this.#clock.setTimer(WINDOW_MS, () => this.#nextWindow());
    if (this.#spent > WINDOW_BYTES_MAX) this.#source.pause();
  }

  /** A chunk of nothing but line ends may have cost many windows: it waits for as many. */
  #nextWindow(): void {
    this.#spent = Math.max(0, this.#spent - WINDOW_BYTES_MAX);
    const over = this.#spent > WINDOW_BYTES_MAX;
    this.#window = over ? this.#clock.setTimer(WINDOW_MS, () => this.#nextWindow()) : undefined;
    if (!over) this.#source.resume();
  }
}

/** 10 MB a second: more than any honest log, a few percent of a core to read. */
const WINDOW_MS = 100;
const WINDOW_BYTES_MAX = 1024 * 1024;
/** A record costs about as much as reading so many bytes, however short it is: 40,000 a second and stream. */
const LINE_COST_BYTES = 256;
