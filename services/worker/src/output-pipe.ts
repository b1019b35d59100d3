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
  #windowBytes = 0;
  #window: Timer | undefined;

  constructor(source: Readable, options: { clock: Clock; line: (text: string) => void }) {
    this.#source = source;
    this.#clock = options.clock;
    this.#lines = new LineSplitter(options.line);
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
    this.#windowBytes += chunk.length;
    this.#window ??= this.#clock.setTimer(WINDOW_MS, () => this.#nextWindow());
    if (this.#windowBytes > WINDOW_BYTES_MAX) this.#source.pause();
  }

  #nextWindow(): void {
    this.#window = undefined;
    this.#windowBytes = 0;
    this.#source.resume();
  }
}

/** 10 MB a second: more than any honest log, a few percent of a core to read. */
const WINDOW_MS = 100;
const WINDOW_BYTES_MAX = 1024 * 1024;
