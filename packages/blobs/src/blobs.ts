/**
 * Code packages and large payloads, known by their content.
 *
 * Promises: `put` resolves only when the bytes are durable under their sha-256, and is idempotent but for the age: it
 * begins anew. A half-written blob is never seen. `read` gives exactly the bytes of that digest or fails:
 * `code-missing` when there is none, `code-corrupt` when they no longer match (checked while reading; the last chunk
 * is given only after the check); one that has begun outlives a `delete`. `list` gives every blob that is there from
 * its beginning to its end, those that come or go meanwhile perhaps, in no order, and holds none of them in memory.
 * Digests are lower-case hexadecimal.
 */
export interface Blobs {
  put(bytes: Uint8Array): Promise<BlobInfo>;
  read(digest: string): AsyncIterable<Uint8Array>;
  stat(digest: string): Promise<BlobInfo | undefined>;
  list(): AsyncIterable<StoredBlob>;
  /**
   * Deletes the blob if it was last put before that, and tells whether it did. A `put` begun since, to the precision
   * of the store's clock, is never undone: this does nothing, or the blob is there again when the `put` resolves.
   */
  delete(digest: string, options: { readonly storedBeforeMs: number }): Promise<boolean>;
  /** The store's own wall time, which it tells by when a blob was put: clocks of machines differ. */
  nowMs(): Promise<number>;
}

export interface BlobInfo {
  readonly digest: string;
  readonly bytes: number;
}

export interface StoredBlob extends BlobInfo {
  /** When it was last put, by the store's wall time, with a fraction. */
  readonly storedAtMs: number;
}
