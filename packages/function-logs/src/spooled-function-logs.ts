import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock, Timer } from '@lambent/core';
import type { FunctionLogs, LogRecord, LogStream, LogStreamName, ReadOptions } from './function-logs.ts';
import { newest, recordsFrom } from './log-cursor.ts';
import { LogGroup } from './log-group.ts';
import { logMessage } from './log-message.ts';
import { LogReader } from './log-reader.ts';

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
    const { signal, limit, sinceMs } = options;
    const group = this.#groups.get(name) ?? (options.follow && this.#hasRoom() ? this.#add(name) : undefined);
    if (!group) return;
    await this.flush();
    const reader = new LogReader(group);
    let grown = group.grown;
    const there = recordsFrom(reader, { group: name, sinceMs });
    yield* limit === undefined ? there : newest(there, limit);
    while (options.follow && !signal?.aborted && !this.#closed) {
      await grownOrAborted(grown, signal);
      grown = group.grown;
      yield* recordsFrom(reader, { group: name, sinceMs });
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
    group.append({ timestampMs: this.#options.clock.nowMs(), stream, message: logMessage(message) });
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
}

function grownOrAborted(grown: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  return new Promise(resolve => {
    signal?.addEventListener('abort', () => resolve(), { once: true });
    grown.then(resolve, resolve);
  });
}

/** The port promises that a crash loses at most the last second; a quarter leaves room for a slow disk. */
const FLUSH_MS = 250;
/** A cell has 100,000 functions, of which one worker runs a part; each group costs a directory and this object. */
const GROUPS_MAX = 10_000;
