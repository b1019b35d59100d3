import type { Readable } from 'node:stream';
import type { Clock, Timer } from '@lambent/core';

/**
 * Stands before what a function writes. One that floods it is slowed down by its own full pipe: reading pauses when
 * a window's share is used up, so that neighbours keep the worker's attention.
 */
export class FloodGate implements Disposable {
  readonly #source: Readable;
  readonly #clock: Clock;
  /** What was charged beyond the shares of the windows that have passed. */
  #spentBytes = 0;
  #window: Timer | undefined;

  constructor(source: Readable, clock: Clock) {
    this.#source = source;
    this.#clock = clock;
  }

  /** So much was read, or cost as much as reading it. */
  charge(bytes: number): void {
    this.#spentBytes += bytes;
    this.#window ??= this.#clock.setTimer(WINDOW_MS, () => this.#nextWindow());
    if (this.#spentBytes > WINDOW_BYTES_MAX) this.#source.pause();
  }

  /** Leaves the source as it is. */
  [Symbol.dispose](): void {
    this.#window?.cancel();
    this.#window = undefined;
  }

  /** A chunk of nothing but tiny records may have cost many windows: it waits for as many. */
  #nextWindow(): void {
    this.#spentBytes = Math.max(0, this.#spentBytes - WINDOW_BYTES_MAX);
    const over = this.#spentBytes > WINDOW_BYTES_MAX;
    this.#window = over ? this.#clock.setTimer(WINDOW_MS, () => this.#nextWindow()) : undefined;
    if (!over) this.#source.resume();
  }
}

/** A record costs about as much as reading so many bytes, however short it is: 40,000 a second and source. */
export const RECORD_COST_BYTES = 256;
/** 10 MB a second: more than any honest log, a few percent of a core to read. */
const WINDOW_MS = 100;
const WINDOW_BYTES_MAX = 1024 * 1024;
