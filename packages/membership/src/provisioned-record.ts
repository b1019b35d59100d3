import type { Entry } from '@lambent/registry';
import { decodeRecord } from './record-codec.ts';

/**
 * Provisioned concurrency as its owner wants it, under `provisioned/<function id>/<qualifier>`. Gateways write it, in
 * one transaction with the division; of a version, one at most is kept. Placement writes it only to take
 * `previousVersion` out.
 */
export interface ProvisionedRecord {
  /** New with each change that an owner makes: what is said of an older one says nothing of this. */
  readonly requestId: string;
  readonly functionId: string;
  /** Where the function's own record is. */
  readonly accountId: string;
  readonly functionName: string;
  /** Of the gateway that wrote it: environments are told it. */
  readonly region: string;
  /** A version's number or an alias. */
  readonly qualifier: string;
  /** How many environments are to be ready. */
  readonly requested: number;
  /** The version that the qualifier means. */
  readonly version: string;
  /**
   * What the alias meant before, which serves until `version` is ready. It has its own part of the division, whose
   * `wanted` goes to nothing in the transaction that takes this member out; that is a change of the function's aliases,
   * too, so that all who run it hear of it.
   */
  readonly previousVersion?: string;
  readonly lastModifiedMs: number;
}

/** AWS's names. */
export type ProvisionedStatus = 'IN_PROGRESS' | 'READY' | 'FAILED';

/** What became of it, under `provisioned-standing/<function id>/<qualifier>`: placement's to write, when it changes. */
export interface ProvisionedStanding {
  /** Of the record it is about. */
  readonly requestId: string;
  readonly status: ProvisionedStatus;
  /** Why it failed, as AWS words it. */
  readonly reason?: string;
  /** How many environments there are, at most as many as were asked for. */
  readonly allocated: number;
  /** How many of them are ready. Not how many are idle: that changes with every invocation, and is written nowhere. */
  readonly available: number;
}

/** Undefined for what no member of this version wrote. */
export function decodeProvisioned(entry: Pick<Entry, 'value'>): ProvisionedRecord | undefined {
  return decodeRecord<ProvisionedRecord>(entry, [
    'requestId',
    'functionId',
    'accountId',
    'functionName',
    'region',
    'qualifier',
    'requested',
    'version',
    'lastModifiedMs',
  ]);
}

/** Undefined for what no member of this version wrote. */
export function decodeProvisionedStanding(entry: Pick<Entry, 'value'>): ProvisionedStanding | undefined {
  return decodeRecord<ProvisionedStanding>(entry, ['requestId', 'status', 'allocated', 'available']);
}
