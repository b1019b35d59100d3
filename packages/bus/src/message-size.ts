import { fail } from '@lambent/core';
import { MESSAGE_BYTES_MAX } from './bus.ts';

/** Refuses what a bus would not take; `headers` as the JSON that they are kept as. */
export function checkMessageSize(body: Uint8Array, headers: string): void {
  const bytes = body.byteLength + Buffer.byteLength(headers);
  if (bytes > MESSAGE_BYTES_MAX) throw fail('payload-too-large', { bytes, maxBytes: MESSAGE_BYTES_MAX });
}
