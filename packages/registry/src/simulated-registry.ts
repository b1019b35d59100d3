import { type Clock, fail, type Timer } from '@lambent/core';
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
import type { SimulatedRegistryServer } from './simulated-registry-server.ts';

/** The way between a member and the registry: what arrives late arrives in order. */
export interface RegistryWire {
  carry(from: string, to: string, deliver: () => void): void;
  expire(timeoutMs: number, late: () => void): Timer;
}

export interface SimulatedRegistryOptions {
  readonly server: SimulatedRegistryServer;
  readonly wire: RegistryWire;
  /** Whose view it is; the server is `REGISTRY_NAME`. */
  readonly member: string;
  readonly clock: Clock;
}

export const REGISTRY_NAME = 'registry';

/**
 * The registry as one member sees it over a wire that may be slow or cut: a transaction that is not answered in time
 * is `unknown`, and may be carried out later all the same.
 */
export class SimulatedRegistry implements Registry {
  readonly #options: SimulatedRegistryOptions;

  constructor(options: SimulatedRegistryOptions) {
    this.#options = options;
  }

  get(key: string): Promise<Entry | undefined> {
    return this.#ask(server => server.get(key));
  }

  range(prefix: string, options?: RangeOptions): Promise<RangeResult> {
    return this.#ask(server => server.range(prefix, options));
  }

  transact(transaction: Transaction): Promise<TransactionResult> {
    const compare = [...transaction.compare];
    const write = transaction.write.map(each =>
      each.kind === 'put' ? { ...each, value: each.value.slice() } : each,
    );
    return this.#ask(server => server.transact({ compare, write })).catch(() => ({ kind: 'unknown' }));
  }

  grantLease(ttlMs: number): Promise<LeaseId> {
    return this.#ask(server => server.grantLease(ttlMs));
  }

  renewLease(lease: LeaseId, { timeoutMs = TIMEOUT_MS } = {}): Promise<boolean> {
    return this.#ask(server => server.renewLease(lease), timeoutMs);
  }

  revokeLease(lease: LeaseId): Promise<void> {
    return this.#ask(server => server.revokeLease(lease));
  }

  async *watch(
    prefix: string,
    { fromRevision, signal }: { fromRevision: number; signal: AbortSignal },
  ): AsyncIterable<WatchBatch> & AsyncGenerator<WatchBatch> {
    const { server, wire, member } = this.#options;
    const arrived: WatchBatch[] = [];
    let wake = () => {};
    const woken = () => wake();
    const arrive = (batch: WatchBatch) => {
      const events = batch.events.filter(event =>
        (event.kind === 'put' ? event.entry.key : event.key).startsWith(prefix),
      );
      if (events.length === 0) return;
      arrived.push({ revision: batch.revision, events });
      wake();
    };
    if (signal.aborted) return;
    // Even the first reading takes its way: a registry that is down has no watchers either.
    await this.#ask(() => undefined);
    using _watching = server.watch(fromRevision, batch =>
      wire.carry(REGISTRY_NAME, member, () => arrive(batch)),
    );
    signal.addEventListener('abort', woken, { once: true });
    try {
      while (!signal.aborted) {
        if (arrived.length > UNREAD_MAX)
          throw fail('queue-full', { queue: `watch ${prefix}`, max: UNREAD_MAX });
        const batch = arrived.shift();
        if (batch) yield batch;
        else
          await new Promise<void>(resolve => {
            wake = resolve;
          });
      }
    } finally {
      signal.removeEventListener('abort', woken);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** Rejects with `registry-unavailable` when no answer has come by then. */
  #ask<T>(question: (server: SimulatedRegistryServer) => T, timeoutMs = TIMEOUT_MS): Promise<T> {
    const { server, wire, member } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const late = wire.expire(timeoutMs, () =>
      reject(fail('registry-unavailable', { detail: `no answer within ${timeoutMs} ms` })),
    );
    wire.carry(member, REGISTRY_NAME, () => {
      if (!server.up) return;
      const answer = question(server);
      wire.carry(REGISTRY_NAME, member, () => {
        late.cancel();
        resolve(answer);
      });
    });
    return promise;
  }
}

const TIMEOUT_MS = 2_000;
/** Batches that wait for a slow reader. */
export const UNREAD_MAX = 1_000;
