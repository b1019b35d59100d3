import assert from 'node:assert/strict';
import { encodeRecord, type SegmentRecord } from './log-segment.ts';

/** What is published as one message. It takes no more records once it is `sealed`: a repeat must be the same. */
export interface OutgoingBatch {
  readonly writer: string;
  readonly first: number;
  readonly lines: string[];
  bytes: number;
  sealed: boolean;
}

export interface LogOutboxOptions {
  /** Told apart from every other process, and from this one before it was started again. */
  readonly writer: string;
  /** Of all groups together. */
  readonly maxBytes: number;
}

interface Group {
  readonly writer: string;
  readonly batches: OutgoingBatch[];
  bytes: number;
  /** The number of the next record. */
  next: number;
}

/**
 * Records on their way to the broker, in batches of one group each. Past its bound the oldest batches go: those of
 * the group itself when it has more than its share, else of the group that has most. The numbers of what went stay
 * unused, which is how a reader learns of it.
 */
export class LogOutbox {
  readonly #options: LogOutboxOptions;
  /** In order of last append, oldest first. */
  readonly #groups = new Map<string, Group>();
  #bytes = 0;
  #epochs = 0;

  constructor(options: LogOutboxOptions) {
    this.#options = options;
  }

  get bytes(): number {
    return this.#bytes;
  }

  append(name: string, record: SegmentRecord): void {
    const line = encodeRecord(record);
    const bytes = Buffer.byteLength(line);
    const group = this.#groups.get(name) ?? this.#newGroup();
    this.#groups.delete(name);
    this.#groups.set(name, group);
    const last = group.batches.at(-1);
    const fits = last && !last.sealed && last.bytes + bytes <= BATCH_BYTES_MAX;
    const batch = fits ? last : this.#newBatch(group);
    batch.lines.push(line);
    batch.bytes += bytes;
    group.next += 1;
    this.#count(group, bytes);
    this.#keepBounds(group);
  }

  /** Groups that have something to send. */
  waiting(): string[] {
    return [...this.#groups].filter(([, group]) => group.batches.length > 0).map(([name]) => name);
  }

  /** The number of the group's next record: all below it are there now. */
  end(name: string): number {
    return this.#groups.get(name)?.next ?? 0;
  }

  /** The group's oldest batch, sealed. */
  head(name: string): OutgoingBatch | undefined {
    const batch = this.#groups.get(name)?.batches[0];
    if (batch) batch.sealed = true;
    return batch;
  }

  /** It is the broker's now. */
  sent(name: string, batch: OutgoingBatch): void {
    const group = this.#groups.get(name);
    // While it was on its way it may have been dropped for want of room.
    if (group?.batches[0] === batch) this.#dropHead(group);
    this.#forgetIdle();
  }

  #newGroup(): Group {
    this.#epochs += 1;
    return { writer: `${this.#options.writer}.${this.#epochs}`, batches: [], bytes: 0, next: 0 };
  }

  #newBatch(group: Group): OutgoingBatch {
    const { writer, next: first } = group;
    const batch = { writer, first, lines: [], bytes: 0, sealed: false };
    group.batches.push(batch);
    return batch;
  }

  #keepBounds(group: Group): void {
    const { maxBytes } = this.#options;
    while (group.bytes > maxBytes / GROUP_SHARE && group.batches.length > 1) this.#dropHead(group);
    while (this.#bytes > maxBytes) this.#dropHead(this.#fullest());
  }

  #fullest(): Group {
    let fullest: Group | undefined;
    for (const group of this.#groups.values()) if (!fullest || group.bytes > fullest.bytes) fullest = group;
    assert(fullest);
    return fullest;
  }

  #dropHead(group: Group): void {
    const batch = group.batches.shift();
    this.#count(group, -(batch?.bytes ?? 0));
  }

  #count(group: Group, bytes: number): void {
    group.bytes += bytes;
    this.#bytes += bytes;
  }

  /** A group that comes back counts as a new writer. */
  #forgetIdle(): void {
    if (this.#groups.size <= GROUPS_MAX) return;
    for (const [name, group] of this.#groups) {
      if (group.batches.length > 0) continue;
      this.#groups.delete(name);
      return;
    }
  }
}

/** A larger record is a batch of its own. Fewer, larger messages spare the broker's disk; smaller ones spare readers. */
export const BATCH_BYTES_MAX = 32 * 1024;
/** A group may hold so much of the room, so that one that floods leaves some to the others. */
const GROUP_SHARE = 4;
/** A cell has 100,000 functions, of which one worker runs a part; each costs a line here. */
const GROUPS_MAX = 10_000;
