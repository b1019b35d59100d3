import type { Readable } from 'node:stream';
import type { Clock } from '@lambent/core';
import { FloodGate, RECORD_COST_BYTES } from '@lambent/runtimes';
import { LineSplitter } from './line-splitter.ts';

/** Reads one standard stream of a sandbox, as fast as its flood gate lets it. */
export class OutputPipe implements Disposable {
  readonly #source: Readable;
  readonly #lines: LineSplitter;
  readonly #gate: FloodGate;

  constructor(source: Readable, options: { clock: Clock; line: (text: string) => void }) {
    this.#source = source;
    this.#gate = new FloodGate(source, options.clock);
    this.#lines = new LineSplitter(text => {
      this.#gate.charge(RECORD_COST_BYTES);
      options.line(text);
    });
    source.on('data', (chunk: Buffer) => {
      this.#gate.charge(chunk.length);
      this.#lines.push(chunk);
    });
    source.on('end', () => this.#lines.flush());
    // The pipe of a killed process breaks; the sandbox's exit says why.
    source.on('error', () => undefined);
  }

  /** Half a line printed so far becomes a record: its invocation ends here. */
  flush(): void {
    this.#lines.flush();
  }

  [Symbol.dispose](): void {
    this.#lines.flush();
    this.#gate[Symbol.dispose]();
    this.#source.removeAllListeners('data').destroy();
  }
}
