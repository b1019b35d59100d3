import assert from 'node:assert/strict';
import { type Clock, fail, isFailure, type Random, SystemRandom, sleep } from '@lambent/core';
import { type Commands, Doorbell, type SqliteStore } from '@lambent/sqlite';
import { LeaseTable } from './lease-table.ts';
import type {
  Entry,
  LeaseId,
  RangeOptions,
  RangeResult,
  Registry,
  Transaction,
  TransactionResult,
  WatchBatch,
} from './registry.ts';
import type { RegistryCommands } from './registry-commands.ts';
import { checkTransaction } from './transaction-check.ts';

export interface SqliteRegistryOptions {
  readonly store: Pick<SqliteStore, 'mount'>;
  readonly clock: Clock;
  /** Names leases. Default: the system's. */
  readonly random?: Random;
  readonly logger?: { warn(fields: object, message: string): void };
  /** How many revisions a watch can go back. Default: `HISTORY_REVISIONS_MAX`. */
  readonly historyRevisions?: number;
}

/**
 * Minutes of the busiest cell's writes. It bounds the file, and it is how far a slow watcher may fall behind: it
 * is fed from the history, not from a buffer of its own.
 */
export const HISTORY_REVISIONS_MAX = 16_384;
/** What one watcher holds in memory. */
const WATCH_PAGE_REVISIONS = 64;
/** A lease that could not be ended, because its file is full say, is tried again so often. */
const LEASE_END_RETRY_MS = 1_000;

/**
 * The registry in one SQLite file. One of these per store at a time: opening it ends every lease, since a lease's
 * holder lived in the process that had the file open before. Dispose ends the watches and leaves the store open.
 */
export class SqliteRegistry implements Registry {
  readonly #commands: Commands<RegistryCommands>;
  readonly #clock: Clock;
  readonly #logger: SqliteRegistryOptions['logger'];
  readonly #historyRevisions: number;
  readonly #leases: LeaseTable;
  /** Leases that expired and whose keys are being deleted. */
  readonly #endings = new Set<Promise<void>>();
  readonly #commits = new Doorbell();
  readonly #closing = new AbortController();

  private constructor(options: SqliteRegistryOptions, commands: Commands<RegistryCommands>) {
    const { clock, random = new SystemRandom() } = options;
    this.#commands = commands;
    this.#clock = clock;
    this.#logger = options.logger;
    this.#historyRevisions = options.historyRevisions ?? HISTORY_REVISIONS_MAX;
    this.#leases = new LeaseTable({ clock, random, expired: lease => this.#endInBackground(lease) });
  }

  static async open(options: SqliteRegistryOptions): Promise<SqliteRegistry> {
    const module = new URL('./registry-commands.ts', import.meta.url);
    const commands = await options.store.mount<RegistryCommands>(module);
    const registry = new SqliteRegistry(options, commands);
    await commands.run('endAllLeases', { historyRevisions: registry.#historyRevisions });
    return registry;
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#run('get', { key });
  }

  range(prefix: string, options: RangeOptions = {}): Promise<RangeResult> {
    return this.#run('range', { prefix, ...options });
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    checkTransaction(transaction);
    if (
      transaction.write.some(write => write.kind === 'put' && write.lease && !this.#leases.has(write.lease))
    )
      return { kind: 'refused' };
    const bodies: Uint8Array<ArrayBuffer>[] = [];
    const write = transaction.write.map(each => {
      if (each.kind === 'delete') return each;
      const value = new Uint8Array(each.value);
      bodies.push(value);
      return { ...each, value };
    });
    try {
      const input = { compare: transaction.compare, write, historyRevisions: this.#historyRevisions };
      return await this.#run('transact', input, bodies);
    } catch (error) {
      // Not even a full disk is a plain no: the group's commit may have reached the disk before it failed.
      if (isFailure(error)) return { kind: 'unknown' };
      throw error;
    }
  }

  async *watch(
    prefix: string,
    { fromRevision, signal }: { fromRevision: number; signal: AbortSignal },
  ): AsyncGenerator<WatchBatch, void, void> {
    assert(fromRevision > 0, 'revisions are positive');
    let begun = false;
    for (let first = fromRevision; !signal.aborted; begun = true) {
      const { rings } = this.#commits;
      const page = await this.#run('changes', { prefix, from: first, revisions: WATCH_PAGE_REVISIONS });
      if (first <= page.compacted)
        // Who began within the history and was overtaken by it read too slowly.
        throw begun
          ? fail('queue-full', { queue: `watch ${prefix}`, max: this.#historyRevisions })
          : fail('registry-compacted', { revision: first, oldest: page.compacted + 1 });
      for (const batch of page.batches) {
        if (signal.aborted) return;
        yield batch;
      }
      first = page.next;
      if (first > page.revision) await this.#commits.next(rings, signal);
    }
  }

  async grantLease(ttlMs: number): Promise<LeaseId> {
    this.#checkOpen();
    return this.#leases.grant(ttlMs);
  }

  async renewLease(lease: LeaseId): Promise<boolean> {
    this.#checkOpen();
    return this.#leases.renew(lease);
  }

  async revokeLease(lease: LeaseId): Promise<void> {
    this.#leases.end(lease);
    try {
      await this.#end(lease);
    } catch (error) {
      this.#endInBackground(lease);
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#leases[Symbol.dispose]();
    this.#commits.ring();
    await Promise.all(this.#endings);
  }

  async #end(lease: LeaseId): Promise<void> {
    await this.#run('endLease', { lease, historyRevisions: this.#historyRevisions });
  }

  #endInBackground(lease: LeaseId): void {
    const ending = this.#endUntilDone(lease).finally(() => this.#endings.delete(ending));
    this.#endings.add(ending);
  }

  async #endUntilDone(lease: LeaseId): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        return await this.#end(lease);
      } catch (err) {
        this.#logger?.warn({ err, lease }, 'lease could not be ended');
      }
      // Rejects when the registry closes: the next one to open the file ends all leases.
      await sleep(this.#clock, LEASE_END_RETRY_MS, { signal }).catch(() => {});
    }
  }

  /** Every command but a read may have changed something. */
  async #run<Name extends keyof RegistryCommands>(
    name: Name,
    input: Parameters<RegistryCommands[Name]>[0],
    bodies?: readonly Uint8Array<ArrayBuffer>[],
  ): Promise<ReturnType<RegistryCommands[Name]>> {
    this.#checkOpen();
    try {
      const result = await this.#commands.run(name, input, bodies);
      if (name === 'transact' || name === 'endLease') this.#commits.ring();
      return result;
    } catch (error) {
      if (!isFailure(error)) throw error;
      throw fail('registry-unavailable', { detail: error.message }, { cause: error });
    }
  }

  #checkOpen(): void {
    if (this.#closing.signal.aborted) throw fail('registry-unavailable', { detail: 'it is closed' });
  }
}
