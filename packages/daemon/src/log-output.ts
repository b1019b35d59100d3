import { write, writeSync } from 'node:fs';
import type { Clock } from '@lambent/core';

export interface LogOutputOptions {
  readonly fd: number;
  readonly clock: Clock;
  /** Lines are taken again, and so many were dropped meanwhile. */
  readonly recovered: (dropped: number) => void;
}

/** What waits while nobody takes it: thousands of lines. Those that come then are dropped and counted. */
const WAITING_BYTES_MAX = 1_024 ** 2;
const RETRY_PAUSE_MS = 100;
/** Who reads the log is waited for at the end so often: half a second. */
const LAST_ATTEMPTS_MAX = 50;
const LAST_PAUSE_MS = 10;

/**
 * Writes a log's lines in their order and is never a reason to end: where they cannot be written, on a full disk for
 * one, they wait and then are dropped.
 *
 * - idle: nothing waits.
 * - writing: the system has a chunk, in the background.
 * - failing: it did not take it. Left for another attempt after a pause.
 */
export class LogOutput {
  readonly #options: LogOutputOptions;
  #state: 'idle' | 'writing' | 'failing' = 'idle';
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** What of the last chunk is not written yet. */
  #chunk: Uint8Array = new Uint8Array();
  #dropped = 0;

  constructor(options: LogOutputOptions) {
    this.#options = options;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#waitingBytes + bytes.length > WAITING_BYTES_MAX) {
      this.#dropped += 1;
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#state !== 'idle') return;
    process.on('exit', this.#onExit);
    this.#writeChunk();
  }

  /** Writes what waits before it returns, as far as it is taken within a bound. The logger calls it after `fatal`. */
  flushSync(): void {
    // What is being written in the background is on its way.
    if (this.#state !== 'writing') this.#waiting.unshift(this.#takeChunk());
    let left = this.#takeWaiting();
    for (let attempt = 1; left.length > 0 && attempt <= LAST_ATTEMPTS_MAX; )
      try {
        left = left.subarray(writeSync(this.#options.fd, left));
      } catch (error) {
        if (!isBusy(error)) break;
        attempt += 1;
        pause(LAST_PAUSE_MS);
      }
    this.#waiting.push(left);
    this.#waitingBytes = left.length;
  }

  readonly #onExit = () => this.flushSync();

  #writeChunk(): void {
    if (this.#chunk.length === 0) this.#chunk = this.#takeWaiting();
    if (this.#chunk.length === 0) return this.#rest();
    this.#state = 'writing';
    write(this.#options.fd, this.#chunk, (error, written) => {
      if (error) return this.#retryLater();
      this.#chunk = this.#chunk.subarray(written);
      this.#writeChunk();
    });
  }

  #retryLater(): void {
    this.#state = 'failing';
    this.#options.clock.setTimer(RETRY_PAUSE_MS, () => this.#writeChunk());
  }

  #rest(): void {
    this.#state = 'idle';
    process.off('exit', this.#onExit);
    const dropped = this.#dropped;
    this.#dropped = 0;
    if (dropped > 0) this.#options.recovered(dropped);
  }

  #takeChunk(): Uint8Array {
    const taken = this.#chunk;
    this.#chunk = new Uint8Array();
    return taken;
  }

  #takeWaiting(): Uint8Array {
    const taken = Buffer.concat(this.#waiting);
    this.#waiting = [];
    this.#waitingBytes = 0;
    return taken;
  }
}

/** The reader of a pipe is behind; every other failure is there a moment later, too. */
function isBusy(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EAGAIN';
}

/** There is no other way to wait while a process exits. */
function pause(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
