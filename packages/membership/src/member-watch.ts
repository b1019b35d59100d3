import type { Clock, Random } from '@lambent/core';
import { RecordWatch, type Registry } from '@lambent/registry';
import { MEMBERS_PREFIX, membersPrefix, type Role } from './cluster-keys.ts';
import { decodeRecord } from './record-codec.ts';
import type { MemberRecord } from './records.ts';

export interface MemberWatchOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  /** Everybody when left out. */
  readonly role?: Role;
  readonly changed: (members: readonly MemberRecord[]) => void;
}

/** Tells who is there, now and after every change. */
export function watchMembers(options: MemberWatchOptions): Promise<AsyncDisposable> {
  const { role, changed } = options;
  return RecordWatch.open<MemberRecord>({
    ...options,
    prefix: role ? membersPrefix(role) : MEMBERS_PREFIX,
    decode: decodeMember,
    changed: records => changed([...records.values()]),
  });
}

export function decodeMember(entry: { readonly value: Uint8Array }): MemberRecord | undefined {
  return decodeRecord<MemberRecord>(entry, ['role', 'id', 'incarnation', 'version', 'place']);
}
