import { fail, type Random } from '@lambent/core';
import { encodeKeyPart } from './key.ts';
import type { Entry, Registry, Transaction } from './registry.ts';

/** What every record of a table carries: new with each write, so that one of unknown end can be told from others'. */
export interface TableRecord {
  readonly writeId: string;
}

/** What becomes of a record. With neither, it stays as it is. */
export interface RecordDecision<T, Result> {
  readonly result: Result;
  /** `writeId` is the table's to give. */
  readonly put?: T;
  readonly remove?: true;
  /** What stands or falls with it. */
  readonly alongside?: Transaction;
}

export interface RecordTableOptions<T> {
  readonly registry: Pick<Registry, 'get' | 'range' | 'transact'>;
  readonly random: Random;
  /** With its last `/`. */
  readonly prefix: string;
  /** Rejects with `record-unreadable` what is none of this table's. */
  decode(entry: Entry): T;
}

/**
 * Records of one kind, each under an id of its own, written as JSON. A change is one transaction that compares what it
 * was computed from: refused, it is computed again, at most `ATTEMPTS_MAX` times; of unknown end, it is looked up by the
 * `writeId`, and sent again where it certainly was not done.
 */
export class RecordTable<T extends TableRecord> {
  readonly #options: RecordTableOptions<T>;

  constructor(options: RecordTableOptions<T>) {
    this.#options = options;
  }

  async read(id: string): Promise<T | undefined> {
    const entry = await this.#options.registry.get(this.#key(id));
    return entry && this.#options.decode(entry);
  }

  /** In the order of their ids' keys, those after `after`. */
  async list({
    after,
    limit,
  }: {
    readonly after?: string | undefined;
    readonly limit: number;
  }): Promise<{ readonly items: readonly T[]; readonly more: boolean }> {
    const { registry, prefix, decode } = this.#options;
    const { entries, more } = await registry.range(prefix, {
      limit,
      ...(after !== undefined && { after: this.#key(after) }),
    });
    return { items: entries.map(decode), more };
  }

  /** What `decide` throws goes to the caller. Rejects with `storage-failed` where nobody can tell what became of it. */
  async change<Result>(
    id: string,
    decide: (
      current: T | undefined,
    ) => RecordDecision<Omit<T, 'writeId'>, Result> | Promise<RecordDecision<Omit<T, 'writeId'>, Result>>,
  ): Promise<Result> {
    const { registry, random, decode } = this.#options;
    const key = this.#key(id);
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const entry = await registry.get(key);
      const { result, put, remove, alongside } = await decide(entry && decode(entry));
      if (!put && !remove) return result;
      const writeId = random.uuid();
      const value = Buffer.from(JSON.stringify({ ...put, writeId }));
      const own = put ? { kind: 'put' as const, key, value } : { kind: 'delete' as const, key };
      const transaction: Transaction = {
        compare: [{ kind: 'key', key, modRevision: entry?.modRevision ?? 0 }, ...(alongside?.compare ?? [])],
        write: [own, ...(alongside?.write ?? [])],
      };
      if (await this.#send(transaction, key, put && writeId)) return result;
    }
    throw fail('storage-failed', { detail: `${key} could not be changed in ${ATTEMPTS_MAX} attempts` });
  }

  /** False: refused, and certainly not done. Without `writeId` the record is to be gone. */
  async #send(transaction: Transaction, key: string, writeId: string | undefined): Promise<boolean> {
    const { registry, decode } = this.#options;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
      const { kind } = await registry.transact(transaction);
      if (kind === 'committed') return true;
      if (kind === 'refused' && attempt === 0) return false;
      // From here on an earlier attempt may have been written, and may yet be.
      const entry = await registry.get(key);
      if (writeId === undefined ? !entry : entry && decode(entry).writeId === writeId) return true;
      if (kind === 'refused') break;
    }
    throw fail('storage-failed', { detail: `the outcome of a write to ${key} is unknown` });
  }

  #key(id: string): string {
    return this.#options.prefix + encodeKeyPart(id);
  }
}

/** Writers of one record that come at once all get through well within this many turns. */
const ATTEMPTS_MAX = 8;
