/**
 * The durable, watched store of what is configured: functions, the fleet, grants. Keys are text with `/` between
 * their parts; whoever builds a key encodes each part (`encodeKeyPart`), so no name reaches another's key.
 *
 * Promises to the caller:
 * - Revisions are positive, grow by one with each committed transaction that writes, and never repeat; all writes
 *   of one transaction have one revision, and a watch delivers them as one batch.
 * - A transaction either answers `committed`, `refused` (a comparison did not hold, nothing was written) or
 *   `unknown` (it may or may not have been written; read again before relying on either). It never throws for a
 *   failure of the store, and no adapter repeats it by itself. A put under a lease that is gone is refused. Values
 *   of more than `TRANSACTION_BYTES_MAX` together are a `payload-too-large`.
 * - `committed` is durable: it survives kill -9 of the process, and of the machine as far as the disk is honest.
 * - A watch delivers every change at or after its revision, in order, once. From a revision that is no longer
 *   kept it fails with `registry-compacted`. A slow reader is cut off at a named bound with `queue-full`.
 * - Keys written under a lease vanish, as delete events, when it is revoked or its time passes without renewal.
 * Reads throw `registry-unavailable` when the store does not answer in time.
 */
export interface Registry extends AsyncDisposable {
  get(key: string): Promise<Entry | undefined>;
  /** Entries whose keys start with `prefix`, in key order, at one revision. */
  range(prefix: string, options?: RangeOptions): Promise<RangeResult>;
  transact(transaction: Transaction): Promise<TransactionResult>;
  /** Changes below `prefix` from `fromRevision` on, until `signal` is aborted (then it ends without an error). */
  watch(prefix: string, options: { fromRevision: number; signal: AbortSignal }): AsyncIterable<WatchBatch>;
  grantLease(ttlMs: number): Promise<LeaseId>;
  /**
   * Begins the lease's time anew. False: it is gone, for good. Rejects with `registry-unavailable` when nobody
   * answered within `timeoutMs` (the adapter's own when left out); it may have been renewed all the same. Whoever
   * relies on a lease counts its time from before the call.
   */
  renewLease(lease: LeaseId, options?: { readonly timeoutMs?: number }): Promise<boolean>;
  revokeLease(lease: LeaseId): Promise<void>;
}

export type LeaseId = string & { readonly brand: 'LeaseId' };

export interface Entry {
  readonly key: string;
  readonly value: Uint8Array;
  /** The revision that made the key, and the one that last wrote it. */
  readonly createRevision: number;
  readonly modRevision: number;
  readonly lease?: LeaseId;
}

export interface RangeOptions {
  /** Only keys after this one: the next page. */
  readonly after?: string;
  readonly limit?: number;
}

export interface RangeResult {
  readonly entries: readonly Entry[];
  /** The store's revision at which this was read: watch from the next one to miss nothing. */
  readonly revision: number;
  readonly more: boolean;
}

export type Compare =
  /** The key was last written at exactly this revision; 0: it does not exist. */
  | { readonly kind: 'key'; readonly key: string; readonly modRevision: number }
  /** Nothing below the prefix was written after this revision. An empty range holds. */
  | { readonly kind: 'range'; readonly prefix: string; readonly notAfterRevision: number };

export type Write =
  | { readonly kind: 'put'; readonly key: string; readonly value: Uint8Array; readonly lease?: LeaseId }
  | { readonly kind: 'delete'; readonly key: string };

export interface Transaction {
  /** All must hold. At most `TRANSACTION_PARTS_MAX`. */
  readonly compare: readonly Compare[];
  /** At most as many again, each of another key. */
  readonly write: readonly Write[];
}

/** etcd's own bound on the operations of one transaction. */
export const TRANSACTION_PARTS_MAX = 128;
/** etcd's own bound on one request, less what keys and framing may take. What is larger belongs in the blobs. */
export const TRANSACTION_BYTES_MAX = 1_048_576;

export type TransactionResult =
  | { readonly kind: 'committed'; readonly revision: number }
  | { readonly kind: 'refused' }
  | { readonly kind: 'unknown' };

export interface WatchBatch {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
}

export type WatchEvent =
  | { readonly kind: 'put'; readonly entry: Entry }
  | { readonly kind: 'delete'; readonly key: string };
