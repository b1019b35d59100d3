import { decodeKeyPart, type Entry } from '@lambent/registry';
import { LIMITS_PREFIX } from './cluster-keys.ts';
import { decodeRecord } from './record-codec.ts';

/** The account's concurrency, as `account` tells of it: all limits are parts of it. */
export interface AccountRecord {
  readonly concurrency: number;
}

/** One part of the account's concurrency, as `limits/<limit id>` tells of it. */
export interface LimitRecord {
  /** How many invocations are to be in flight under it at most. */
  readonly wanted: number;
  /** What the part has of the account now; no more than that is ever granted. Moves to `wanted` as others let go. */
  readonly held: number;
  /** What its owner reserved for the function, provisioned concurrency included; only with a reservation's part. */
  readonly reserved?: number;
}

/** How many slots may be granted under it now. */
export function usableOf({ wanted, held }: LimitRecord): number {
  return Math.min(wanted, held);
}

export function decodeAccount(entry: Pick<Entry, 'value'>): AccountRecord | undefined {
  const record = decodeRecord<AccountRecord>(entry, ['concurrency']);
  return record && Number.isSafeInteger(record.concurrency) ? record : undefined;
}

export function decodeLimit(entry: Pick<Entry, 'value'>): LimitRecord | undefined {
  const record = decodeRecord<LimitRecord>(entry, ['wanted', 'held']);
  if (!record || ![record.wanted, record.held, record.reserved ?? 0].every(Number.isSafeInteger))
    return undefined;
  return record;
}

export function limitIdOf(key: string): string {
  return decodeKeyPart(key.slice(LIMITS_PREFIX.length));
}
