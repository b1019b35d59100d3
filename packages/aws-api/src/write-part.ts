import type { ServerResponse } from 'node:http';
import type { Clock } from '@lambent/core';

/**
 * Writes more of a streamed answer. What it gives back resolves when there is room for more, or nobody is left; a
 * client that has stopped reading is given up.
 */
export function writePart(
  response: ServerResponse,
  bytes: Uint8Array,
  clock: Clock,
): Promise<void> | undefined {
  response.write(bytes);
  return response.writableLength > AHEAD_BYTES ? drained(response, clock) : undefined;
}

/** What may wait for a client to read: enough that neither waits for the other's every step. */
const AHEAD_BYTES = 128 * 1024;

function drained(response: ServerResponse, clock: Clock): Promise<void> {
  return new Promise(resolve => {
    const settle = () => {
      stalled.cancel();
      response.off('drain', settle).off('close', settle);
      resolve();
    };
    const stalled = clock.setTimer(STALLED_MS, () => response.destroy());
    response.on('drain', settle).on('close', settle);
  });
}

/** How long a client may read nothing of a streamed answer: as long as it may take to send its request. */
const STALLED_MS = 300_000;
