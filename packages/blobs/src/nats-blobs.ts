import { createHash, webcrypto } from 'node:crypto';
import { type Clock, fail } from '@lambent/core';
import type { NatsConnection } from '@lambent/nats';
import type { FoundRecord } from './blob-record.ts';
import { BlobStream } from './blob-stream.ts';
import type { BlobInfo, Blobs, StoredBlob } from './blobs.ts';

/** A blob's name is its digest and nothing else: no other text ever becomes a subject. */
const DIGEST = /^[0-9a-f]{64}$/;
/** Never to be changed: a blob's chunks are found by it. Twice this is what one reader holds in memory. */
const CHUNK_BYTES = 512 * 1024;
/** How many chunks of one blob are under way at once: enough to hide the way there and the disk's flush. */
const CHUNKS_AT_ONCE = 4;
/** As many others may put or delete the same blob while it is put; nobody goes on for ever. */
const TRIES_MAX = 32;
/**
 * Who still reads a blob so long after its deletion, or still writes one so long after announcing it, must begin
 * again. It costs disk for an hour.
 */
const GRACE_MS = 3_600_000;
/** Of all blobs of a cluster, by default. The broker sets it aside at once: its disk must have it. */
const BYTES_MAX = 4 * 1024 ** 3;

export interface NatsBlobsOptions {
  readonly connection: NatsConnection;
  readonly clock: Clock;
  /** Of all blobs together, with what is deleted for less than an hour. Past it a put is `storage-failed`. */
  readonly maxBytes?: number;
}

/**
 * Blobs in a stream of JetStream, for all processes of a cluster. Chunks are written under the digest of the whole,
 * so that several puts of the same bytes write the same and none can spoil another; then one message says that the
 * blob is there. A further put reads the chunks back, writes only those that are not right, and the message anew.
 *
 * Ages are told by the broker's clock, and never go back. A blob that is put again while all are listed
 * may be listed twice. Deleted blobs are taken off the disk by whoever lists, an hour later at the soonest.
 */
export class NatsBlobs implements Blobs {
  readonly #stream: BlobStream;

  private constructor(stream: BlobStream) {
    this.#stream = stream;
  }

  static async open({ connection, clock, maxBytes = BYTES_MAX }: NatsBlobsOptions): Promise<NatsBlobs> {
    return new NatsBlobs(await BlobStream.open(connection, { maxBytes, clock }));
  }

  async put(bytes: Uint8Array): Promise<BlobInfo> {
    // Off this thread, since a package may have 50 MB; and on a copy, since the caller may go on writing to its own.
    const copy = new Uint8Array(bytes);
    const digest = Buffer.from(await webcrypto.subtle.digest('SHA-256', copy)).toString('hex');
    const begunAtMs = this.#stream.brokerMs;
    const info = { digest, bytes: copy.byteLength };
    /** Of which all chunks are there. */
    let written: number | undefined;
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const found = await this.#stream.record(digest);
      if (found?.state === 'stored' && found.generation === written && found.atMs >= begunAtMs) return info;
      const isNew = !found || found.state === 'purging';
      const record = isNew ? await this.#announce(info, found?.revision ?? 0) : found;
      if (!record) continue;
      if (record.generation !== written) {
        await this.#writeChunks(copy, record, { compare: !isNew });
        written = record.generation;
      }
      if (await this.#commit(record)) return info;
    }
    throw fail('storage-failed', { detail: `the blob ${digest} is put and deleted too often at once` });
  }

  async *read(digest: string): AsyncGenerator<Uint8Array, void, void> {
    const record = await this.#stored(digest);
    if (!record) throw fail('code-missing', { digest });
    const hash = createHash('sha256');
    let held: Uint8Array | undefined;
    for (let index = 0; index < chunksOf(record.bytes); index += 1) {
      const chunk = await this.#stream.chunk(digest, index);
      if (!chunk) throw fail((await this.#stored(digest)) ? 'code-corrupt' : 'code-missing', { digest });
      hash.update(chunk.bytes);
      if (held) yield held;
      held = chunk.bytes;
    }
    if (hash.digest('hex') !== digest) throw fail('code-corrupt', { digest });
    if (held) yield held;
  }

  async stat(digest: string): Promise<BlobInfo | undefined> {
    const record = await this.#stored(digest);
    return record && { digest, bytes: record.bytes };
  }

  async *list(): AsyncGenerator<StoredBlob, void, void> {
    let sequence = 1;
    for (;;) {
      const record = await this.#stream.nextRecord(sequence);
      if (!record) return;
      sequence = record.revision + 1;
      const { digest, bytes, atMs: storedAtMs } = record;
      if (record.state === 'stored') yield { digest, bytes, storedAtMs };
      else if (record.atMs + GRACE_MS <= this.#stream.brokerMs) await this.#purge(record);
    }
  }

  async delete(digest: string, { storedBeforeMs }: { readonly storedBeforeMs: number }): Promise<boolean> {
    for (let tries = 0; tries < TRIES_MAX; tries += 1) {
      const record = await this.#stored(digest);
      if (!record || record.atMs >= storedBeforeMs) return false;
      const { bytes, generation, revision } = record;
      const deleted = { state: 'deleted', bytes, atMs: this.#stream.brokerMs, generation } as const;
      if (await this.#stream.writeRecord(digest, deleted, revision)) return true;
    }
    // Somebody puts it over and over: it is too young to be deleted.
    return false;
  }

  nowMs(): Promise<number> {
    return this.#stream.learnTime();
  }

  async #stored(digest: string): Promise<FoundRecord | undefined> {
    if (!DIGEST.test(digest)) return undefined;
    const record = await this.#stream.record(digest);
    return record?.state === 'stored' ? record : undefined;
  }

  /** Before the first chunk, so that what is left of a put that never ends is found. Undefined: another was first. */
  async #announce({ digest, bytes }: BlobInfo, expected: number): Promise<FoundRecord | undefined> {
    await this.#stream.checkRoom(bytes);
    const record = { state: 'incoming', bytes, atMs: this.#stream.brokerMs } as const;
    const revision = await this.#stream.writeRecord(digest, record, expected);
    return revision === undefined ? undefined : { ...record, digest, revision, generation: revision };
  }

  async #commit({ digest, bytes, atMs, generation, revision }: FoundRecord): Promise<boolean> {
    const storedAtMs = Math.max(atMs, this.#stream.brokerMs);
    const stored = { state: 'stored', bytes, atMs: storedAtMs, generation } as const;
    return (await this.#stream.writeRecord(digest, stored, revision)) !== undefined;
  }

  async #writeChunks(
    bytes: Uint8Array,
    { digest, generation }: FoundRecord,
    { compare }: { compare: boolean },
  ): Promise<void> {
    // A loop that fails ends the numbers for all of them.
    const indices = numbersBelow(chunksOf(bytes.byteLength));
    const write = async () => {
      for (const index of indices) {
        const chunk = bytes.subarray(index * CHUNK_BYTES, (index + 1) * CHUNK_BYTES);
        const there = compare ? await this.#stream.chunk(digest, index) : undefined;
        if (there && there.sequence > generation && Buffer.compare(there.bytes, chunk) === 0) continue;
        await this.#stream.writeChunk(digest, index, chunk);
      }
    };
    await Promise.all(Array.from({ length: CHUNKS_AT_ONCE }, write));
  }

  /** A put that comes first wins; one that comes later writes behind what is purged. */
  async #purge(record: FoundRecord): Promise<void> {
    const { digest, bytes, atMs, generation, revision } = record;
    const purging = { state: 'purging', bytes, atMs, generation } as const;
    const upTo =
      record.state === 'purging' ? revision : await this.#stream.writeRecord(digest, purging, revision);
    if (upTo !== undefined) await this.#stream.purge(digest, upTo);
  }
}

function chunksOf(bytes: number): number {
  return Math.ceil(bytes / CHUNK_BYTES);
}

function* numbersBelow(end: number): Generator<number> {
  for (let number = 0; number < end; number += 1) yield number;
}
