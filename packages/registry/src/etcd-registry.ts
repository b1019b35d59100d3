import assert from 'node:assert/strict';
import { type Clock, fail, type Random, type TlsMaterial } from '@lambent/core';
import { EtcdClient } from './etcd-client.ts';
import { EtcdLeases } from './etcd-leases.ts';
import { EtcdNamespace, toRevision } from './etcd-namespace.ts';
import { toEtcdTransaction } from './etcd-transaction.ts';
import { EtcdWatch } from './etcd-watch.ts';
import { fromEtcdError, isLeaseGone } from './from-etcd-error.ts';
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
import { checkTransaction } from './transaction-check.ts';

export interface EtcdRegistryOptions {
  /** URLs of the members of the etcd cluster. */
  readonly endpoints: readonly string[];
  readonly tls?: TlsMaterial;
  /** What all keys start with: the name of the cluster. */
  readonly namespace: string;
  readonly clock: Clock;
  /** Names leases and spreads load. */
  readonly random: Random;
  readonly logger?: { warn(fields: object, message: string): void };
  /** How many events of one watch may wait for its reader. Default: `WATCH_EVENTS_MAX`. */
  readonly watchEventsMax?: number;
}

/** Seconds of a cell's busiest. Whoever is further behind reads everything anew faster than it would catch up. */
export const WATCH_EVENTS_MAX = 8_192;
/** Long enough for an election of etcd; a person is waiting for most of what is read. */
const READ_TIMEOUT_MS = 5_000;
/** As above. What is not answered by then is `unknown`, and waiting longer would not make it known. */
const TRANSACTION_TIMEOUT_MS = 5_000;
/** So that a page of the largest values is still one message; see `RECEIVE_BYTES_MAX`. */
const RANGE_PAGE_ENTRIES = 128;

/** The registry in an etcd cluster: any number of processes, each with one of these. Dispose ends the watches. */
export class EtcdRegistry implements Registry {
  readonly #options: EtcdRegistryOptions;
  readonly #client: EtcdClient;
  readonly #namespace: EtcdNamespace;
  readonly #leases: EtcdLeases;
  readonly #closing = new AbortController();
  /** Of each kind of call, why the last one failed. A full etcd still answers those that write nothing. */
  readonly #troubles = new Map<'write' | 'read', string>();

  private constructor(options: EtcdRegistryOptions, client: EtcdClient) {
    this.#options = options;
    this.#client = client;
    this.#namespace = new EtcdNamespace(options.namespace);
    this.#leases = new EtcdLeases(client, options.random);
  }

  /** Rejects with `registry-unavailable` when no member answers, with `registry-unfit` when one is too old. */
  static async open(options: EtcdRegistryOptions): Promise<EtcdRegistry> {
    return new EtcdRegistry(options, await EtcdClient.open(options));
  }

  /** Why the last call failed; undefined once one of that kind succeeded. */
  get trouble(): string | undefined {
    return this.#troubles.get('write') ?? this.#troubles.get('read');
  }

  async get(key: string): Promise<Entry | undefined> {
    const { kvs } = await this.#read({ key: this.#namespace.key(key) });
    return kvs[0] && this.#namespace.entryOf(kvs[0]);
  }

  async range(prefix: string, { after, limit = Infinity }: RangeOptions = {}): Promise<RangeResult> {
    const entries: Entry[] = [];
    let revision = 0;
    for (let last = after; ; last = entries.at(-1)?.key) {
      const range =
        last === undefined ? this.#namespace.range(prefix) : this.#namespace.rangeAfter(prefix, last);
      const page = Math.min(RANGE_PAGE_ENTRIES, limit - entries.length);
      // Pages after the first are read as of the first one's revision.
      const { kvs, header, more } = await this.#read({ ...range, limit: page, revision });
      revision ||= toRevision(header.revision);
      for (const stored of kvs) entries.push(this.#namespace.entryOf(stored));
      if (!more || entries.length >= limit) return { entries, revision, more };
    }
  }

  async transact(transaction: Transaction): Promise<TransactionResult> {
    checkTransaction(transaction);
    const request = toEtcdTransaction(transaction, this.#namespace);
    try {
      const asked = this.#client.ask((endpoint, options) => endpoint.kv.txn(request, options), {
        timeoutMs: TRANSACTION_TIMEOUT_MS,
        repeatable: false,
      });
      const { succeeded, header } = await this.#noting(
        transaction.write.length > 0 ? 'write' : 'read',
        asked,
      );
      return succeeded ? { kind: 'committed', revision: toRevision(header.revision) } : { kind: 'refused' };
    } catch (err) {
      if (isLeaseGone(err)) return { kind: 'refused' };
      this.#options.logger?.warn({ err }, 'outcome of a transaction is unknown');
      return { kind: 'unknown' };
    }
  }

  async *watch(
    prefix: string,
    { fromRevision, signal }: { fromRevision: number; signal: AbortSignal },
  ): AsyncGenerator<WatchBatch, void, void> {
    assert(fromRevision > 0, 'revisions are positive');
    if (signal.aborted) return;
    const ending = new AbortController();
    const end = () => ending.abort();
    const closing = this.#closing.signal;
    for (const each of [signal, closing]) each.addEventListener('abort', end, { once: true });
    try {
      const { clock, random, logger, watchEventsMax: eventsMax = WATCH_EVENTS_MAX } = this.#options;
      yield* new EtcdWatch({
        client: this.#client,
        namespace: this.#namespace,
        prefix,
        fromRevision,
        signal: ending.signal,
        eventsMax,
        clock,
        random,
        ...(logger && { logger }),
      }).read();
      if (!signal.aborted) throw fail('registry-unavailable', { detail: 'it is closed' });
    } finally {
      for (const each of [signal, closing]) each.removeEventListener('abort', end);
    }
  }

  grantLease(ttlMs: number): Promise<LeaseId> {
    return this.#noting('write', this.#leases.grant(ttlMs)).catch(translated);
  }

  renewLease(lease: LeaseId, { timeoutMs }: { readonly timeoutMs?: number } = {}): Promise<boolean> {
    return this.#noting('read', this.#leases.renew(lease, timeoutMs)).catch(translated);
  }

  revokeLease(lease: LeaseId): Promise<void> {
    return this.#noting('write', this.#leases.revoke(lease)).catch(translated);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#client[Symbol.dispose]();
  }

  /** Linearizable: what was committed anywhere before is seen. */
  #read(request: { key: Buffer; range_end?: Buffer; limit?: number; revision?: number }) {
    const asked = this.#client.ask((endpoint, options) => endpoint.kv.range(request, options), {
      timeoutMs: READ_TIMEOUT_MS,
      repeatable: true,
    });
    return this.#noting('read', asked).catch(translated);
  }

  async #noting<T>(kind: 'write' | 'read', asked: Promise<T>): Promise<T> {
    try {
      const answer = await asked;
      this.#troubles.delete(kind);
      return answer;
    } catch (error) {
      if (!isLeaseGone(error)) this.#troubles.set(kind, fromEtcdError(error).message);
      throw error;
    }
  }
}

function translated(error: unknown): never {
  throw fromEtcdError(error);
}
