import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '@lambent/core';
import type { FunctionLogs, LogRecord, LogStream, LogStreamName, ReadOptions } from './function-logs.ts';
import { LogGroup } from './log-group.ts';
import { type Found, LogReader } from './log-reader.ts';

export interface SpooledFunctionLogsOptions {
  /** Its own; one directory below it for each group. */
  readonly directory: string;
  readonly clock: Clock;
  readonly maxBytesPerGroup: number;
  /** Past this the group longest not written to goes. */
  readonly maxGroups?: number;
  /** Told of a write that failed; its records are counted as missed. */
  readonly failed?: (error: unknown) => void;
}

/**
 * Function logs in bounded files. What is appended waits in memory for at most `FLUSH_MS` and is then written for
 * all groups at once; a reader first has everything written, so it sees what was appended before it asked.
 */
export class SpooledFunctionLogs implements FunctionLogs {
  readonly #options: SpooledFunctionLogsOptions;
  readonly #maxGroups: number;
  /** In order of last write, oldest first. */
  readonly #groups = new Map<string, LogGroup>();
  #timer: Timer | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #closed = false;

  private constructor(options: SpooledFunctionLogsOptions) {
    this.#options = options;
    this.#maxGroups = options.maxGroups ?? GROUPS_MAX;
  }

  static async open(options: SpooledFunctionLogsOptions): Promise<SpooledFunctionLogs> {
    await mkdir(options.directory, { recursive: true });
    const logs = new SpooledFunctionLogs(options);
    for (const name of await readdir(options.directory)) {
      const path = join(options.directory, name);
      const group = await LogGroup.recover(path, options.maxBytesPerGroup);
      if (group) logs.#groups.set(group.name, group);
      else await rm(path, { recursive: true, force: true });
    }
    return logs;
  }

  openStream({ group, stream }: LogStreamName): LogStream {
    return { append: message => this.#append(group, stream, message) };
  }

  async *read(name: string, options: ReadOptions): AsyncGenerator<LogRecord> {
    const { signal, limit } = options;
    const group = this.#groups.get(name) ?? (options.follow && this.#hasRoom() ? this.#add(name) : undefined);
    if (!group) return;
    await this.flush();
    const reader = new LogReader(group);
    let grown = group.grown;
    const there = this.#records(group, reader, options.sinceMs ?? 0);
    yield* limit === undefined ? there : newest(there, limit);
    while (options.follow && !signal?.aborted && !this.#closed) {
      await grownOrAborted(grown, signal);
      grown = group.grown;
      yield* this.#records(group, reader, options.sinceMs ?? 0);
    }
  }

  async groups(): Promise<readonly string[]> {
    return [...this.#groups.values()]
      .filter(group => group.dirty || group.segments.length > 0)
      .map(group => group.name)
      .sort();
  }

  flush(): Promise<void> {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    return this.#flushing;
  }

  /** Writes what is buffered and ends every reader that follows. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.flush();
    for (const group of this.#groups.values()) group.wake();
  }

  #append(name: string, stream: string, message: string): void {
    if (this.#closed) return;
    const group = this.#groups.get(name) ?? this.#add(name);
    const whole = message.endsWith('\n') ? message.slice(0, -1) : message;
    const bounded = whole.length > MESSAGE_LENGTH_MAX ? whole.slice(0, MESSAGE_LENGTH_MAX) : whole;
    group.append({ timestampMs: this.#options.clock.nowMs(), stream, message: bounded });
    this.#timer ??= this.#options.clock.setTimer(FLUSH_MS, () => void this.flush());
  }

  #hasRoom(): boolean {
    return this.#groups.size < this.#maxGroups;
  }

  #add(name: string): LogGroup {
    const group = LogGroup.create(this.#options.directory, name, this.#options.maxBytesPerGroup);
    this.#groups.set(name, group);
    return group;
  }

  async #write(): Promise<void> {
    for (const group of [...this.#groups.values()]) {
      if (!group.dirty) continue;
      this.#groups.delete(group.name);
      this.#groups.set(group.name, group);
      // A full disk must not stop functions; the loss is counted, and told to whoever opened us.
      await group.write().catch((error: unknown) => this.#options.failed?.(error));
    }
    for (const group of [...this.#groups.values()]) {
      if (this.#groups.size <= this.#maxGroups) break;
      this.#groups.delete(group.name);
      await group.remove();
    }
  }

  async *#records(group: LogGroup, reader: LogReader, sinceMs: number): AsyncGenerator<LogRecord> {
    for await (const found of reader.readOn()) {
      if (found.record.timestampMs < sinceMs) continue;
      if (found.missed > 0) yield missedNotice(group.name, found);
      yield { group: group.name, ...found.record };
    }
  }
}

/** Stands where the missed records stood. */
function missedNotice(group: string, { record, missed }: Found): LogRecord {
  const message = `[lambent] ${missed} older log records were dropped: the spool of this group is full`;
  return { group, stream: record.stream, timestampMs: record.timestampMs, message };
}

async function* newest(records: AsyncIterable<LogRecord>, limit: number): AsyncGenerator<LogRecord> {
  const kept: LogRecord[] = [];
  for await (const record of records) {
    kept.push(record);
    if (kept.length > limit * 2) kept.splice(0, kept.length - limit);
  }
  yield* kept.slice(Math.max(0, kept.length - limit));
}

function grownOrAborted(grown: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    signal?.addEventListener('abort', () => resolve(), { once: true });
    grown.then(resolve, resolve);
  });
}

/** The port promises that a crash loses at most the last second; a quarter leaves room for a slow disk. */
const FLUSH_MS = 250;
/** CloudWatch's own bound on one event, in characters here. */
const MESSAGE_LENGTH_MAX = 256 * 1024;
/** A cell has 100,000 functions, of which one worker runs a part; each group costs a directory and this object. */
const GROUPS_MAX = 10_000;
