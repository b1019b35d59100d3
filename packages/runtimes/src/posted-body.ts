import type { IncomingMessage } from 'node:http';
import { QUOTAS } from '@lambent/core';

export type PostedBody =
  | { readonly kind: 'whole'; readonly payload: Uint8Array }
  | { readonly kind: 'too-large'; readonly bytes: number }
  /** The connection was cut before its end. */
  | { readonly kind: 'truncated' };

/**
 * Collects what a runtime posts, up to what an answer may have; of more only the number of bytes is kept. How long
 * that may take is bounded by the deadline of the init or the invocation it belongs to.
 */
export function collectBody(request: IncomingMessage): Promise<PostedBody> {
  return new Promise(resolve => {
    let chunks: Buffer[] = [];
    let bytes = 0;
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= QUOTAS.responseBytes) chunks.push(chunk);
      else chunks = [];
    });
    request.on('end', () => {
      if (bytes > QUOTAS.responseBytes) resolve({ kind: 'too-large', bytes });
      else resolve({ kind: 'whole', payload: joinChunks(chunks) });
    });
    // After `end` this changes nothing.
    request.on('close', () => resolve({ kind: 'truncated' }));
    request.on('error', () => resolve({ kind: 'truncated' }));
  });
}

function joinChunks(chunks: readonly Buffer[]): Uint8Array {
  const [first] = chunks;
  return first && chunks.length === 1 ? first : Buffer.concat(chunks);
}
