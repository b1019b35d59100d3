/**
 * Code packages and large payloads, known by their content.
 *
 * Promises: `put` resolves only when the bytes are durable under their sha-256, and is idempotent; a half-written
 * blob is never seen. `read` gives exactly the bytes of that digest or fails: `code-missing` when there is none,
 * `code-corrupt` when they no longer match (checked while reading; the last chunk is given only after the check).
 * Digests are lower-case hexadecimal.
 */
export interface Blobs {
  put(bytes: Uint8Array): Promise<BlobInfo>;
  read(digest: string): AsyncIterable<Uint8Array>;
  stat(digest: string): Promise<BlobInfo | undefined>;
  delete(digest: string): Promise<void>;
}

export interface BlobInfo {
  readonly digest: string;
  readonly bytes: number;
}
