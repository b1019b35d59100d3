import { open } from 'node:fs/promises';
import type { Found, LogCursor } from './log-cursor.ts';
import type { LogGroup, Segment } from './log-group.ts';
import { decodeRecord, wholeLines } from './log-segment.ts';

/** One reader's place in the segments of a group. */
export class LogReader implements LogCursor {
  readonly #group: LogGroup;
  /** The number of the next record. */
  #next = 0;
  #missed = 0;
  #path = '';
  #offset = 0;

  constructor(group: LogGroup) {
    this.#group = group;
  }

  async *readOn(): AsyncGenerator<Found> {
    for (const segment of this.#group.segments) {
      if (segment.first + segment.records > this.#next) yield* this.#readSegment(segment);
    }
  }

  async *#readSegment(segment: Segment): AsyncGenerator<Found> {
    if (segment.path !== this.#path) {
      this.#path = segment.path;
      this.#offset = 0;
    }
    const lines = wholeLines(await readFrom(segment.path, this.#offset));
    for (const line of lines) {
      const atHeader = this.#offset === 0;
      this.#offset += Buffer.byteLength(line) + 1;
      if (atHeader) this.#enter(segment);
      else yield* this.#readLine(line);
    }
  }

  /** Numbers between the last record and this segment belong to records that are gone. */
  #enter(segment: Segment): void {
    this.#missed += Math.max(0, segment.first - this.#next);
    this.#next = Math.max(this.#next, segment.first);
  }

  *#readLine(line: string): Generator<Found> {
    this.#next += 1;
    const record = decodeRecord(line);
    if (!record) {
      this.#missed += 1;
      return;
    }
    const missed = this.#missed;
    this.#missed = 0;
    yield { record, missed };
  }
}

/** The rest of a file; nothing when it was dropped meanwhile, which the number of the next one then tells. */
async function readFrom(path: string, offset: number): Promise<string> {
  try {
    await using file = await open(path, 'r');
    const { size } = await file.stat();
    const bytes = Buffer.alloc(Math.max(0, size - offset));
    const { bytesRead } = await file.read(bytes, 0, bytes.length, offset);
    return bytes.toString('utf8', 0, bytesRead);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}
