import { fail } from '@lambent/core';

/**
 * What a cluster knows of one blob: one message, replaced at every change, and only by whoever has read the one
 * before it.
 *
 * - incoming: a put has announced it and writes its chunks. Nobody else sees it. Left by the commit of any put of
 *   these bytes, or for `purging` when no commit came for long.
 * - stored: whole and durable. Every further put writes it anew, with a new age.
 * - deleted: nobody sees it, and its chunks stay for those who read it already. Left by a put, for `stored`, or for
 *   `purging` when nobody can be reading any more.
 * - purging: this message and all of the blob's before it go now. A put begins as if there were nothing.
 */
export interface BlobRecord {
  readonly state: 'incoming' | 'stored' | 'deleted' | 'purging';
  readonly bytes: number;
  /** Wall time of the last put, of the announcement or of the deletion. */
  readonly atMs: number;
  /** The revision of the announcement that the chunks were written after: older ones do not count. */
  readonly generation: number;
}

/** As it is stored. */
export interface FoundRecord extends BlobRecord {
  readonly digest: string;
  /** Of this message in the stream. */
  readonly revision: number;
}

/** An announcement cannot know its own revision, and is its own generation. */
export type NewRecord = Omit<BlobRecord, 'generation'> & { readonly generation?: number };

export function encodeRecord(record: NewRecord): Uint8Array {
  return Buffer.from(JSON.stringify(record));
}

export function decodeRecord(body: Uint8Array, at: { digest: string; revision: number }): FoundRecord {
  const { state, bytes, atMs, generation = at.revision } = parse(body, at.digest) as Partial<BlobRecord>;
  const valid =
    (state === 'incoming' || state === 'stored' || state === 'deleted' || state === 'purging') &&
    Number.isSafeInteger(bytes) &&
    Number.isFinite(atMs) &&
    Number.isSafeInteger(generation);
  if (!valid) throw unreadable(at.digest);
  return { state, bytes: bytes ?? 0, atMs: atMs ?? 0, generation, ...at };
}

function parse(body: Uint8Array, digest: string): object {
  try {
    return Object(JSON.parse(Buffer.from(body).toString()));
  } catch (error) {
    throw unreadable(digest, error);
  }
}

function unreadable(digest: string, cause?: unknown) {
  return fail('record-unreadable', { key: `blob ${digest}` }, { cause });
}
