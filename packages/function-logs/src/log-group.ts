import { createHash } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeHeader, encodeHeader, encodeRecord, type SegmentRecord, wholeLines } from './log-segment.ts';

/** One file of a group. */
export interface Segment {
  readonly path: string;
  readonly first: number;
  records: number;
  bytes: number;
}

/**
 * The records of one group: what is not yet written in memory, the rest in segment files of about an eighth of the
 * group's bound. Records are numbered; when the bound is passed the oldest segment goes, and with it its numbers.
 */
export class LogGroup {
  readonly name: string;
  readonly #directory: string;
  readonly #maxBytes: number;
  #segments: Segment[] = [];
  #buffered: string[] = [];
  #bufferedBytes = 0;
  /** The number the next record gets. */
  #next = 0;
  /** Records after the buffered ones that found no room there, since the disk could not keep up. */
  #unwritten = 0;
  #grown = Promise.withResolvers<void>();
  /** Begun by this run. */
  readonly #opened = new WeakSet<Segment>();

  private constructor(name: string, directory: string, maxBytes: number) {
    this.name = name;
    this.#directory = directory;
    this.#maxBytes = maxBytes;
  }

  static create(root: string, name: string, maxBytes: number): LogGroup {
    const digest = createHash('sha256').update(name).digest('hex').slice(0, 32);
    return new LogGroup(name, join(root, digest), maxBytes);
  }

  /** What an earlier run wrote below `directory`; undefined when nothing of it can be read. */
  static async recover(directory: string, maxBytes: number): Promise<LogGroup | undefined> {
    const names = (await readdir(directory)).filter(name => name.endsWith(SUFFIX)).sort();
    const segments: Segment[] = [];
    let group: string | undefined;
    for (const name of names) {
      const path = join(directory, name);
      const lines = wholeLines(await readFile(path, 'utf8'));
      const header = decodeHeader(lines[0] ?? '');
      if (!header) {
        await rm(path, { force: true });
        continue;
      }
      group = header.group;
      segments.push({ path, first: header.first, records: lines.length - 1, bytes: (await stat(path)).size });
    }
    if (group === undefined) return undefined;
    const recovered = new LogGroup(group, directory, maxBytes);
    recovered.#segments = segments;
    const last = segments.at(-1);
    recovered.#next = last ? last.first + last.records : 0;
    return recovered;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  get dirty(): boolean {
    return this.#buffered.length > 0 || this.#unwritten > 0;
  }

  /** Resolves when something was written that was not there at the time of the call. */
  get grown(): Promise<void> {
    return this.#grown.promise;
  }

  append(record: SegmentRecord): void {
    const line = encodeRecord(record);
    if (this.#bufferedBytes + line.length > this.#maxBytes / BUFFER_SHARE) {
      this.#unwritten += 1;
      return;
    }
    this.#buffered.push(line);
    this.#bufferedBytes += line.length;
  }

  /** Writes what is buffered. Called by one writer at a time. Rejects when the disk fails; those records are lost. */
  async write(): Promise<void> {
    const lines = this.#buffered;
    const text = lines.join('');
    this.#buffered = [];
    this.#bufferedBytes = 0;
    try {
      if (lines.length > 0) await this.#appendToSegment(text, lines.length);
    } catch (error) {
      // Lost records leave a gap in the numbers, which is how a reader learns of them.
      this.#next += lines.length;
      throw error;
    }
    this.#next += this.#unwritten;
    this.#unwritten = 0;
    await this.#dropOldest();
    this.wake();
  }

  /** Lets those who wait for growth look again. */
  wake(): void {
    this.#grown.resolve();
    this.#grown = Promise.withResolvers();
  }

  async remove(): Promise<void> {
    this.#segments = [];
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #appendToSegment(text: string, records: number): Promise<void> {
    const last = this.#segments.at(-1);
    const segment = last && this.#takesMore(last) ? last : await this.#openSegment();
    await appendFile(segment.path, text);
    segment.bytes += Buffer.byteLength(text);
    segment.records += records;
    this.#next += records;
  }

  /** Not one that is full, that a gap follows, or that an earlier run left: its last line may be half a line. */
  #takesMore(segment: Segment): boolean {
    const contiguous = segment.first + segment.records === this.#next;
    return contiguous && segment.bytes < this.#maxBytes / SEGMENTS_PER_GROUP && this.#opened.has(segment);
  }

  async #openSegment(): Promise<Segment> {
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, `${String(this.#next).padStart(NUMBER_DIGITS, '0')}${SUFFIX}`);
    const header = encodeHeader({ group: this.name, first: this.#next });
    await writeFile(path, header);
    const segment = { path, first: this.#next, records: 0, bytes: header.length };
    // A segment that got no record stands where the new one stands.
    this.#segments = [...this.#segments.filter(other => other.path !== path), segment];
    this.#opened.add(segment);
    return segment;
  }

  async #dropOldest(): Promise<void> {
    let bytes = this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
    while (bytes > this.#maxBytes && this.#segments.length > 1) {
      const [oldest, ...rest] = this.#segments;
      if (!oldest) return;
      this.#segments = rest;
      bytes -= oldest.bytes;
      await rm(oldest.path, { force: true });
    }
  }
}

/** How finely the oldest is dropped: an eighth at a time. */
const SEGMENTS_PER_GROUP = 8;
/** Up to a quarter of the bound may wait for a slow disk; past that records are counted as lost. */
const BUFFER_SHARE = 4;
const SUFFIX = '.ndjson';
/** As many as the largest safe integer has, so that names sort as numbers. */
const NUMBER_DIGITS = 16;
