import type { Writable } from 'node:stream';
import { fail } from '@lambent/core';
import { PART_BYTES } from './grpc-options.ts';
import { MESSAGE_BYTES_MAX } from './link.ts';

/** A piece of an encoded message. */
export interface Part {
  readonly part: Uint8Array;
}

/** A call that parts are read from; a server's is also told when it was cut off. */
interface PartSource {
  on(event: 'data', heard: (part: Part) => void): unknown;
  on(event: 'end' | 'cancelled', ended: () => void): unknown;
  on(event: 'error', broke: (error: Error) => void): unknown;
}

/** Views of `bytes`, in order. */
export function* partsOf(bytes: Buffer): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += PART_BYTES)
    yield bytes.subarray(start, start + PART_BYTES);
}

/** Writes all parts, no faster than they are read, and ends. Whoever reads learns whether all arrived. */
export function pour(parts: Iterator<unknown>, into: Writable): void {
  for (let next = parts.next(); !next.done; next = parts.next()) {
    if (!into.write(next.value)) return void into.once('drain', () => pour(parts, into));
  }
  into.end();
}

/** Reads all parts of one message. Rejects when the call breaks, or brings more than a message may be. */
export function assemble(call: PartSource): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    let bytes = 0;
    call.on('data', ({ part }) => {
      bytes += part.length;
      if (bytes > MESSAGE_BYTES_MAX)
        reject(fail('payload-too-large', { bytes, maxBytes: MESSAGE_BYTES_MAX }));
      else parts.push(part);
    });
    call.on('end', () => resolve(Buffer.concat(parts, bytes)));
    call.on('error', reject);
    call.on('cancelled', () => reject(new Error('the call was cancelled')));
  });
}
