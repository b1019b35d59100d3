import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { CommandTable } from '@lambent/sqlite';
import { keyRange, sortsAfter } from './key-range.ts';
import type {
  Compare,
  Entry,
  LeaseId,
  RangeOptions,
  RangeResult,
  Transaction,
  TransactionResult,
  WatchBatch,
  WatchEvent,
  Write,
} from './registry.ts';
import { REGISTRY_SCHEMA } from './registry-schema.ts';

export interface ChangesPage {
  /** The changes of the revisions asked for, as far as they are kept and already there. */
  readonly batches: readonly WatchBatch[];
  /** The revision that the next page begins with. */
  readonly next: number;
  /** The last revision given, and the last that is no longer kept. */
  readonly revision: number;
  readonly compacted: number;
}

interface State {
  readonly revision: number;
  readonly compacted: number;
}

interface EntryRow {
  readonly key: string;
  readonly value: Uint8Array;
  readonly create_revision: number;
  readonly mod_revision: number;
  readonly lease: LeaseId | null;
}

interface ChangeRow {
  readonly revision: number;
  readonly key: string;
  readonly value: Uint8Array | null;
  readonly create_revision: number;
  readonly lease: LeaseId | null;
}

export type RegistryCommands = ReturnType<typeof openCommands>;

/** What the registry runs within the store's thread. */
export function openCommands(database: DatabaseSync) {
  database.exec(REGISTRY_SCHEMA);
  const tables = new RegistryTables(database);
  return {
    get: (input: { key: string }) => tables.get(input.key),
    range: (input: { prefix: string } & RangeOptions) => tables.range(input.prefix, input),
    transact: (input: Transaction & { historyRevisions: number }) => tables.transact(input),
    changes: (input: { prefix: string; from: number; revisions: number }) => tables.changes(input),
    endLease: (input: { lease: LeaseId; historyRevisions: number }) => tables.endLease(input),
    endAllLeases: (input: { historyRevisions: number }) => tables.endAllLeases(input),
  } satisfies CommandTable;
}

class RegistryTables {
  readonly #state: StatementSync;
  readonly #advance: StatementSync;
  readonly #compact: StatementSync;
  readonly #get: StatementSync;
  readonly #range: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #record: StatementSync;
  readonly #changes: StatementSync;
  readonly #writtenAfter: StatementSync;
  readonly #deletedAfter: StatementSync;
  readonly #leased: StatementSync;
  readonly #leasedByAny: StatementSync;

  constructor(database: DatabaseSync) {
    const sql = (text: string) => database.prepare(text);
    this.#state = sql('SELECT revision, compacted FROM registry_state');
    this.#advance = sql('UPDATE registry_state SET revision = ?, compacted = max(compacted, ?)');
    this.#compact = sql('DELETE FROM registry_changes WHERE revision <= ?');
    this.#get = sql('SELECT * FROM registry_entries WHERE key = ?');
    this.#range = sql('SELECT * FROM registry_entries WHERE key >= ? AND key < ? ORDER BY key LIMIT ?');
    this.#put = sql(
      `INSERT INTO registry_entries (key, create_revision, mod_revision, lease, value) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT (key) DO UPDATE
       SET mod_revision = excluded.mod_revision, lease = excluded.lease, value = excluded.value
       RETURNING create_revision`,
    );
    this.#delete = sql('DELETE FROM registry_entries WHERE key = ? RETURNING create_revision');
    this.#record = sql(
      'INSERT INTO registry_changes (revision, key, create_revision, lease, value) VALUES (?, ?, ?, ?, ?)',
    );
    this.#changes = sql(
      `SELECT * FROM registry_changes WHERE revision BETWEEN ? AND ? AND key >= ? AND key < ?
       ORDER BY revision, rowid`,
    );
    this.#writtenAfter = sql(
      'SELECT 1 FROM registry_entries WHERE key >= ? AND key < ? AND mod_revision > ? LIMIT 1',
    );
    this.#deletedAfter = sql(
      'SELECT 1 FROM registry_changes WHERE key >= ? AND key < ? AND revision > ? AND value IS NULL LIMIT 1',
    );
    this.#leased = sql('SELECT key FROM registry_entries WHERE lease = ? ORDER BY key');
    this.#leasedByAny = sql('SELECT key FROM registry_entries WHERE lease IS NOT NULL ORDER BY key');
  }

  get(key: string): Entry | undefined {
    const row = this.#get.get(key) as EntryRow | undefined;
    return row && toEntry(row);
  }

  range(prefix: string, { after, limit }: RangeOptions): RangeResult {
    const { from, to } = keyRange(prefix);
    // The first text after a key is that key and a zero.
    const start = after !== undefined && !sortsAfter(from, after) ? `${after}\0` : from;
    const rows = this.#range.all(start, to, limit === undefined ? -1 : limit + 1) as unknown as EntryRow[];
    const more = limit !== undefined && rows.length > limit;
    return { entries: rows.slice(0, limit).map(toEntry), revision: this.#now().revision, more };
  }

  transact(transaction: Transaction & { historyRevisions: number }): TransactionResult {
    if (!transaction.compare.every(compare => this.#holds(compare))) return { kind: 'refused' };
    return { kind: 'committed', revision: this.#write(transaction.write, transaction.historyRevisions) };
  }

  changes({
    prefix,
    from: first,
    revisions,
  }: {
    prefix: string;
    from: number;
    revisions: number;
  }): ChangesPage {
    const { revision, compacted } = this.#now();
    const last = Math.min(revision, first + revisions - 1);
    const { from, to } = keyRange(prefix);
    const rows = this.#changes.all(first, last, from, to) as unknown as ChangeRow[];
    return { batches: toBatches(rows), next: Math.max(first, last + 1), revision, compacted };
  }

  endLease({ lease, historyRevisions }: { lease: LeaseId; historyRevisions: number }): void {
    this.#deleteAll(this.#leased.all(lease), historyRevisions);
  }

  endAllLeases({ historyRevisions }: { historyRevisions: number }): void {
    this.#deleteAll(this.#leasedByAny.all(), historyRevisions);
  }

  #deleteAll(rows: readonly object[], historyRevisions: number): void {
    const keys = (rows as readonly { key: string }[]).map(({ key }) => key);
    this.#write(
      keys.map(key => ({ kind: 'delete', key })),
      historyRevisions,
    );
  }

  #now(): State {
    return this.#state.get() as unknown as State;
  }

  /**
   * A delete is a write too, as long as the history knows it. One older than the history is not held against the
   * range: etcd, which sees no deletes here at all, is what callers must be content with.
   */
  #holds(compare: Compare): boolean {
    if (compare.kind === 'key') return (this.get(compare.key)?.modRevision ?? 0) === compare.modRevision;
    const { from, to } = keyRange(compare.prefix);
    const after = compare.notAfterRevision;
    return !this.#writtenAfter.get(from, to, after) && !this.#deletedAfter.get(from, to, after);
  }

  /** All under one revision, which is given back; what changes nothing takes none. */
  #write(writes: readonly Write[], historyRevisions: number): number {
    const { revision } = this.#now();
    const next = revision + 1;
    const changes = writes.filter(write => this.#apply(write, next)).length;
    if (changes === 0) return revision;
    const compacted = next - historyRevisions;
    this.#compact.run(compacted);
    this.#advance.run(next, compacted);
    return next;
  }

  /** Whether it changed anything. */
  #apply(write: Write, revision: number): boolean {
    const lease = (write.kind === 'put' && write.lease) || null;
    const value = write.kind === 'put' ? write.value : null;
    const row =
      value === null
        ? this.#delete.get(write.key)
        : this.#put.get(write.key, revision, revision, lease, value);
    if (!row) return false;
    this.#record.run(revision, write.key, Number(row['create_revision']), lease, value);
    return true;
  }
}

function toEntry(row: EntryRow): Entry {
  return {
    key: row.key,
    value: row.value,
    createRevision: row.create_revision,
    modRevision: row.mod_revision,
    ...(row.lease !== null && { lease: row.lease }),
  };
}

/** `rows` in order of their revisions. */
function toBatches(rows: readonly ChangeRow[]): WatchBatch[] {
  return [...Map.groupBy(rows, row => row.revision)].map(([revision, changes]) => ({
    revision,
    events: changes.map(toEvent),
  }));
}

function toEvent(row: ChangeRow): WatchEvent {
  const { key, value, revision } = row;
  if (value === null) return { kind: 'delete', key };
  return { kind: 'put', entry: toEntry({ ...row, value, mod_revision: revision }) };
}
