import type { Clock, Timer } from '@lambent/core';
import { showNumber } from '../report/show-report.ts';
import type { Watched } from './run-scenario.ts';

/** As often as somebody who watches can read, and as often as a log wants to hear. */
const WATCHED_MS = 500;
const LOGGED_MS = 10_000;

/** Says what is going on: on a terminal in one line that rewrites itself, elsewhere in a line every ten seconds. */
export class Progress implements Disposable {
  readonly #stream: NodeJS.WriteStream;
  readonly #clock: Clock;
  readonly #blocks: number;
  #timer: Timer | undefined;
  #watched: Watched | undefined;
  #sinceMs = 0;

  constructor(stream: NodeJS.WriteStream, { clock, blocks }: { clock: Clock; blocks: number }) {
    this.#stream = stream;
    this.#clock = clock;
    this.#blocks = blocks;
    this.#wait();
  }

  watch(watched: Watched): void {
    this.#watched = watched;
    this.#sinceMs = this.#clock.monotonicMs();
    if (this.#stream.isTTY) this.#tell();
  }

  [Symbol.dispose](): void {
    this.#timer?.cancel();
    if (this.#stream.isTTY) this.#stream.write('\r\x1b[K');
  }

  #wait(): void {
    this.#timer = this.#clock.setTimer(this.#stream.isTTY ? WATCHED_MS : LOGGED_MS, () => {
      this.#tell();
      this.#wait();
    });
  }

  #tell(): void {
    if (!this.#watched) return;
    const text = describe(this.#watched, this.#blocks, (this.#clock.monotonicMs() - this.#sinceMs) / 1_000);
    if (!this.#stream.isTTY) this.#stream.write(`${text}\n`);
    else this.#stream.write(`\r\x1b[K${text.slice(0, this.#stream.columns - 1)}`);
  }
}

export function describe(
  { phase, block, seconds, targets }: Watched,
  blocks: number,
  elapsed: number,
): string {
  const now = `block ${block}/${blocks}, ${phase} ${elapsed.toFixed(0)}/${seconds} s`;
  const each = targets.map(({ name, recording }) => {
    const { sent, unsent, ok } = recording.tally();
    const behind = unsent > 0 ? `, ${unsent} not sent` : '';
    return `${name}: ${sent} sent, ${ok} ok${behind}, p50 ${showNumber(recording.latency.atMs(50))} ms`;
  });
  return `${now}: ${each.join('; ')}`;
}
