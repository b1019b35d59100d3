import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { encodeAssign, FRAME, HEADER_BYTES } from './frames.ts';
import { ChannelEnded } from './runtime-channel.ts';

/** In the environment of a bootstrap that is to wait for its function. */
export const AHEAD_VARIABLE = 'LAMBENT_AHEAD';

/**
 * Resolves when a bootstrap that was started ahead waits for its function; rejects with `ChannelEnded`. The channel is
 * then as if it had just been opened.
 */
export async function awaitBooted(channel: Duplex): Promise<void> {
  const ended = new AbortController();
  const end = () => ended.abort();
  channel.once('end', end).once('close', end);
  try {
    let header: Buffer | null = channel.read(HEADER_BYTES);
    while (header === null) {
      await once(channel, 'readable', { signal: ended.signal });
      header = channel.read(HEADER_BYTES);
    }
    if (header[4] !== FRAME.booted) throw new ChannelEnded();
  } catch (error) {
    throw error instanceof ChannelEnded ? error : new ChannelEnded();
  } finally {
    channel.off('end', end).off('close', end);
  }
}

/** Tells a bootstrap that waits what environment its function has. Its code has to be in place. */
export function assign(channel: Duplex, environment: Readonly<Record<string, string>>): void {
  channel.write(encodeAssign(environment));
}
