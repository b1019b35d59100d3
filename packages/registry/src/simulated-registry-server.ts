import { type Clock, fail, type Random } from '@lambent/core';
import { sortsAfter } from './key-range.ts';
import { LeaseTable } from './lease-table.ts';
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

/** Hears of every revision, in order. */
export type Watcher = (batch: WatchBatch) => void;

/**
 * A registry in memory on simulated time, with etcd's own habits: a range comparison does not see deletes, leases
 * outlive a restart and get their full time anew. It loses nothing when it is down; whoever asks then hears nothing.
 */
export class SimulatedRegistryServer {
  readonly #entries = new Map<string, Entry>();
  readonly #history: WatchBatch[] = [];
  readonly #watchers = new Set<Watcher>();
  readonly #leases: LeaseTable;
  #revision = 1;
  #compacted = 0;
  #up = true;

  constructor(options: { clock: Clock; random: Random }) {
    this.#leases = new LeaseTable({ ...options, expired: lease => this.#leaseEnded(lease) });
  }

  get up(): boolean {
    return this.#up;
  }

  /** From here on nobody is answered, and no lease ends. */
  stop(): void {
    this.#up = false;
    this.#leases.pause();
  }

  /** Everything is as it was; every lease begins its time anew. */
  start(): void {
    this.#up = true;
    this.#leases.resume();
  }

  get(key: string): Entry | undefined {
    return this.#entries.get(key);
  }

  range(prefix: string, { after, limit }: RangeOptions = {}): RangeResult {
    const keys = [...this.#entries.keys()]
      .filter(key => key.startsWith(prefix) && (after === undefined || sortsAfter(key, after)))
      .sort((left, right) => (left === right ? 0 : sortsAfter(left, right) ? 1 : -1));
    const page = keys.slice(0, limit ?? keys.length);
    const entries = page.map(key => this.#entries.get(key)).filter(entry => entry !== undefined);
    return { entries, revision: this.#revision, more: page.length < keys.length };
  }

  transact({ compare, write }: Transaction): TransactionResult {
    const leased = write.every(
      each => each.kind === 'delete' || each.lease === undefined || this.#leases.has(each.lease),
    );
    if (!leased || !compare.every(each => this.#holds(each))) return { kind: 'refused' };
    this.#apply(write);
    return { kind: 'committed', revision: this.#revision };
  }

  grantLease(ttlMs: number): LeaseId {
    return this.#leases.grant(ttlMs);
  }

  renewLease(lease: LeaseId): boolean {
    return this.#leases.renew(lease);
  }

  revokeLease(lease: LeaseId): void {
    if (!this.#leases.has(lease)) return;
    this.#leases.end(lease);
    this.#leaseEnded(lease);
  }

  /** What was from that revision on is told before this returns; then what comes, until disposed of. */
  watch(fromRevision: number, watcher: Watcher): Disposable {
    if (fromRevision <= this.#compacted)
      throw fail('registry-compacted', { revision: fromRevision, oldest: this.#compacted + 1 });
    for (const batch of this.#history) if (batch.revision >= fromRevision) watcher(batch);
    this.#watchers.add(watcher);
    return { [Symbol.dispose]: () => void this.#watchers.delete(watcher) };
  }

  compact(): void {
    this.#history.length = 0;
    this.#compacted = this.#revision;
  }

  #holds(compare: Compare): boolean {
    if (compare.kind === 'key')
      return (this.#entries.get(compare.key)?.modRevision ?? 0) === compare.modRevision;
    for (const [key, entry] of this.#entries)
      if (key.startsWith(compare.prefix) && entry.modRevision > compare.notAfterRevision) return false;
    return true;
  }

  #apply(writes: readonly Write[]): void {
    const revision = this.#revision + 1;
    const events: WatchEvent[] = [];
    for (const write of writes) {
      const earlier = this.#entries.get(write.key);
      if (write.kind === 'delete') {
        if (this.#entries.delete(write.key)) events.push({ kind: 'delete', key: write.key });
        continue;
      }
      const entry: Entry = {
        key: write.key,
        value: write.value,
        createRevision: earlier?.createRevision ?? revision,
        modRevision: revision,
        ...(write.lease !== undefined && { lease: write.lease }),
      };
      this.#entries.set(write.key, entry);
      events.push({ kind: 'put', entry });
    }
    if (events.length === 0) return;
    this.#revision = revision;
    const batch = { revision, events };
    this.#history.push(batch);
    if (this.#history.length > HISTORY_MAX) this.#compacted = this.#history.shift()?.revision ?? 0;
    for (const watcher of [...this.#watchers]) watcher(batch);
  }

  #leaseEnded(lease: LeaseId): void {
    const held = [...this.#entries.values()].filter(entry => entry.lease === lease);
    this.#apply(held.map(({ key }) => ({ kind: 'delete', key })));
  }
}

/** As etcd's own compaction keeps an hour: enough for any reader that is not lost. */
const HISTORY_MAX = 10_000;
