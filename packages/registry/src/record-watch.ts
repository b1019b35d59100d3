import { type Clock, type Random, sleep } from '@lambent/core';
import type { Entry, Registry } from './registry.ts';

export interface RecordWatchOptions<T> {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly prefix: string;
  /** Undefined: not a record of ours; it is left out. */
  readonly decode: (entry: Entry) => T | undefined;
  /** Called with everything after the first reading and after every change, before the next is looked at. */
  readonly changed?: (records: ReadonlyMap<string, T>) => void;
  /** The watch broke; it is being mended. */
  readonly broken?: (cause: unknown) => void;
}

/**
 * What is stored below a prefix, kept as it is: read whole, then watched. When the watch breaks everything is read
 * anew, so nothing is missed and nothing that went stays. While the registry is silent the last known stays.
 */
export class RecordWatch<T> implements AsyncDisposable {
  readonly #options: RecordWatchOptions<T>;
  readonly #closing = new AbortController();
  #records = new Map<string, T>();
  #revision = 0;
  #following: Promise<void> = Promise.resolve();

  private constructor(options: RecordWatchOptions<T>) {
    this.#options = options;
  }

  /** Ready once everything was read for the first time. Rejects with `registry-unavailable`. */
  static async open<T>(options: RecordWatchOptions<T>): Promise<RecordWatch<T>> {
    const watch = new RecordWatch(options);
    await watch.#readAll();
    watch.#following = watch.#follow();
    return watch;
  }

  /** By key. */
  get records(): ReadonlyMap<string, T> {
    return this.#records;
  }

  /** The registry's revision up to which the records are known. */
  get revision(): number {
    return this.#revision;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(): Promise<void> {
    const { registry, prefix, broken } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        for await (const batch of registry.watch(prefix, { fromRevision: this.#revision + 1, signal })) {
          for (const event of batch.events) {
            if (event.kind === 'put') this.#put(this.#records, event.entry);
            else this.#records.delete(event.key);
          }
          this.#revision = batch.revision;
          this.#tell();
        }
      } catch (cause) {
        broken?.(cause);
        await this.#recover();
      }
    }
  }

  /** Reads everything anew, until that works. */
  async #recover(): Promise<void> {
    const { clock, random } = this.#options;
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await sleep(clock, RECOVER_MS * (0.5 + random.fraction()), { signal });
        return await this.#readAll();
      } catch {
        // Closing, or the registry is still away.
      }
    }
  }

  async #readAll(): Promise<void> {
    const { registry, prefix } = this.#options;
    const records = new Map<string, T>();
    let page = await registry.range(prefix, { limit: PAGE });
    // What changes between two pages is at or after the first one's revision, and so is heard of by the watch.
    const { revision } = page;
    for (;;) {
      for (const entry of page.entries) this.#put(records, entry);
      const after = page.entries.at(-1)?.key;
      if (!page.more || after === undefined) break;
      page = await registry.range(prefix, { limit: PAGE, after });
    }
    this.#records = records;
    this.#revision = revision;
    this.#tell();
  }

  #put(records: Map<string, T>, entry: Entry): void {
    const record = this.#options.decode(entry);
    if (record === undefined) records.delete(entry.key);
    else records.set(entry.key, record);
  }

  #tell(): void {
    this.#options.changed?.(this.#records);
  }
}

const RECOVER_MS = 500;
const PAGE = 1_000;
