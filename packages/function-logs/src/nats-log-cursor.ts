import type { Found, LogCursor } from './log-cursor.ts';
import type { NatsLogStream, StoredBatch } from './nats-log-stream.ts';

/** Those who have written to a group as long as one reader follows it; each start of a worker is another. */
const WRITERS_MAX = 10_000;

/** One reader's place in a group of the stream. */
export class NatsLogCursor implements LogCursor {
  readonly #stream: NatsLogStream;
  readonly #group: string;
  #sequence: number;
  /** Whether it began with the oldest there is, so that whoever is met in the middle had something dropped. */
  #sawBeginning: boolean;
  /** By writer, the number of the record that comes next. */
  readonly #next = new Map<string, number>();

  private constructor(stream: NatsLogStream, group: string, sequence: number) {
    this.#stream = stream;
    this.#group = group;
    this.#sequence = sequence;
    this.#sawBeginning = sequence === 0;
  }

  /** At the oldest. */
  static atBeginning(stream: NatsLogStream, group: string): NatsLogCursor {
    return new NatsLogCursor(stream, group, 0);
  }

  static at(stream: NatsLogStream, group: string, sequence: number): NatsLogCursor {
    return new NatsLogCursor(stream, group, sequence);
  }

  async *readOn(): AsyncGenerator<Found> {
    for (;;) {
      const batch = await this.#stream.next(this.#group, this.#sequence);
      if (!batch) return;
      this.#sequence = batch.sequence + 1;
      yield* this.#readBatch(batch);
    }
  }

  *#readBatch({ writer, first, records }: StoredBatch): Generator<Found> {
    const next = this.#next.get(writer) ?? (this.#sawBeginning ? 0 : first);
    this.#remember(writer, Math.max(next, first + records.length));
    let missed = Math.max(0, first - next);
    // A batch whose first publication went unanswered may come twice.
    for (const record of records.slice(Math.max(0, next - first))) {
      if (!record) {
        missed += 1;
        continue;
      }
      yield { record, missed };
      missed = 0;
    }
  }

  #remember(writer: string, next: number): void {
    this.#next.delete(writer);
    this.#next.set(writer, next);
    const [longestSilent] = this.#next.keys();
    if (this.#next.size <= WRITERS_MAX || longestSilent === undefined) return;
    this.#next.delete(longestSilent);
    this.#sawBeginning = false;
  }
}
