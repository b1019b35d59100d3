import type { Readable } from 'node:stream';
import type { ResponseSink } from '@lambent/core';

export type PostedBody =
  | { readonly kind: 'whole'; readonly payload: Uint8Array }
  | { readonly kind: 'too-large'; readonly bytes: number; readonly max: number }
  /** The connection was cut before its end. */
  | { readonly kind: 'truncated' };

/**
 * Collects what a runtime posts, up to what an answer may have; of more only the number of bytes is kept. However
 * small the chunks it comes in, it holds no more than twice its bytes. How long that may take is bounded by the
 * deadline of the init or the invocation it belongs to.
 */
export function collectBody(request: Readable, maxBytes: number): Promise<PostedBody> {
  return new Promise(resolve => {
    let room: Buffer = NO_ROOM;
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      const at = bytes;
      bytes += chunk.length;
      room = bytes > maxBytes ? NO_ROOM : append(room, { at, chunk, maxBytes });
    });
    request.on('end', () => {
      if (bytes > maxBytes) resolve({ kind: 'too-large', bytes, max: maxBytes });
      else resolve({ kind: 'whole', payload: room.subarray(0, bytes) });
    });
    // After `end` this changes nothing.
    request.on('close', () => resolve({ kind: 'truncated' }));
    request.on('error', () => resolve({ kind: 'truncated' }));
  });
}

/** Gives what a runtime posts to `sink` as it comes, as fast as that takes it. Resolves with whether its end came. */
export function passBody(request: Readable, sink: ResponseSink): Promise<boolean> {
  return new Promise(resolve => {
    request.on('data', (chunk: Buffer) => {
      const taken = sink.part(chunk);
      if (!taken) return;
      request.pause();
      void taken.then(() => request.resume());
    });
    request.on('end', () => resolve(true));
    request.on('close', () => resolve(false));
    request.on('error', () => resolve(false));
  });
}

/** Puts `chunk` at `at`, in a room of twice the size when this one is too small. Gives back the room. */
function append(
  room: Buffer,
  { at, chunk, maxBytes }: { readonly at: number; readonly chunk: Buffer; readonly maxBytes: number },
): Buffer {
  // Most bodies come in one piece, which need not be copied.
  if (at === 0) return chunk;
  const end = at + chunk.length;
  const larger = end > room.length ? Buffer.allocUnsafeSlow(Math.min(2 * end, maxBytes)) : room;
  if (larger !== room) room.copy(larger, 0, 0, at);
  chunk.copy(larger, at);
  return larger;
}

const NO_ROOM = Buffer.alloc(0);
