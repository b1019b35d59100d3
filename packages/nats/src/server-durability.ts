import { type Clock, Deadline } from '@lambent/core';

/** The monitoring port answers from memory; one that does not is as good as none. */
const MONITOR_PATIENCE_MS = 2_000;

export interface DurabilityOptions {
  readonly clock: Clock;
  readonly replicas: number;
  /** What the operator vouches for. NATS does not tell its clients. */
  readonly syncInterval: 'always' | 'unknown';
  /** Of the server's monitoring port, such as `http://nats:8222`: then the server is asked. */
  readonly monitorUrl?: string;
}

/** Why something that the broker acknowledged could be lost with the power; empty where it could not. */
export async function durabilityGaps(options: DurabilityOptions): Promise<readonly string[]> {
  const gaps: string[] = [];
  if (options.replicas === 1) gaps.push('single replica: what the broker holds is lost with its disk');
  const sync = options.monitorUrl === undefined ? options.syncInterval : await readSyncInterval(options);
  if (sync === 'unknown') gaps.push('durability of the server is not known');
  else if (sync !== 'always') gaps.push(`the server syncs its files every ${sync}, not always`);
  return gaps;
}

/** What the server runs with counts more than what somebody said. */
async function readSyncInterval({ clock, monitorUrl, syncInterval }: DurabilityOptions): Promise<string> {
  using deadline = Deadline.after(clock, MONITOR_PATIENCE_MS);
  try {
    const response = await fetch(new URL('/varz', monitorUrl), { signal: deadline.signal });
    const { jetstream } = (await response.json()) as Varz;
    if (jetstream?.config === undefined) return syncInterval;
    const { sync_always, sync_interval } = jetstream.config;
    return sync_always === true ? 'always' : `${Number(sync_interval) / 1e9} s`;
  } catch {
    // A monitoring port that is shut says nothing about durability; that is what is reported.
    return syncInterval;
  }
}

interface Varz {
  readonly jetstream?: {
    readonly config?: { readonly sync_always?: boolean; readonly sync_interval?: number };
  };
}
