import { isDeepStrictEqual } from 'node:util';
import { fail } from '@lambent/core';
import type { Compare, Entry, Registry, Transaction, Write } from '@lambent/registry';
import { ACCOUNT_KEY, grantsPrefix, LIMITS_PREFIX, limitKey } from './cluster-keys.ts';
import { Division } from './division.ts';
import {
  type AccountRecord,
  decodeAccount,
  decodeLimit,
  type LimitRecord,
  limitIdOf,
} from './limit-record.ts';
import { encodeRecord } from './record-codec.ts';
import { slotsOf } from './slots-of.ts';

/** What a division is to become, and what is to change with it or not at all. */
export interface DivisionChange extends Partial<Transaction> {
  readonly division: Division;
}

/**
 * Changes how the account's concurrency is divided, and settles what can be settled at once, in one transaction.
 * `decide` is asked anew when somebody else has changed something meanwhile, or when nobody knows whether a write came
 * through: what it decides is to be the same whether or not it stands already. Whatever it throws ends it. Gives back
 * the division as it stands then. Rejects with `registry-unavailable`.
 */
export async function changeDivision(
  registry: Registry,
  decide: (division: Division) => DivisionChange | Promise<DivisionChange>,
): Promise<Division> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { division, transaction } = await planDivision(registry, decide, {
      settling: tries < SETTLING_TRIES,
    });
    if (transaction.write.length === 0) return division;
    const result = await registry.transact(transaction);
    if (result.kind === 'committed') return division;
  }
  throw fail('registry-unavailable', {
    detail: "the division of the account's concurrency could not be written",
  });
}

/** A change that is decided, and not yet made. */
export interface DivisionPlan<Change extends DivisionChange> {
  readonly decided: Change;
  /** As it stands once the change is made. */
  readonly division: Division;
  readonly transaction: Transaction;
}

/**
 * What `changeDivision` sends, for who sends it together with something else. Grants that are raised all the time refuse
 * every settling: without, what is wanted is written all the same. Rejects with `registry-unavailable`.
 */
export async function planDivision<Change extends DivisionChange>(
  registry: Registry,
  decide: (division: Division) => Change | Promise<Change>,
  { settling = true }: { readonly settling?: boolean } = {},
): Promise<DivisionPlan<Change>> {
  const read = await readStored(registry);
  const decided = await decide(read.division);
  const { division, compare } = settling
    ? await settle(registry, decided.division)
    : { division: decided.division, compare: [] };
  return {
    decided,
    division,
    transaction: {
      compare: [...read.compare, ...compare, ...(decided.compare ?? [])],
      write: [...changesOf(read.division, division), ...(decided.write ?? [])],
    },
  };
}

/** The division as it stands. Rejects with `registry-unavailable`. */
export async function readDivision(registry: Registry): Promise<Division> {
  const { division } = await readStored(registry);
  return division;
}

interface Stored {
  readonly division: Division;
  /** Holds as long as this is what is stored. */
  readonly compare: readonly Compare[];
}

async function readStored(registry: Registry): Promise<Stored> {
  const account = await registry.get(ACCOUNT_KEY);
  const parts = new Map<string, LimitRecord>();
  let page = await registry.range(LIMITS_PREFIX, { limit: PAGE });
  // What is written between two pages is newer than the first one's revision, and refuses the transaction.
  const { revision } = page;
  for (;;) {
    for (const entry of page.entries) addTo(parts, entry);
    const after = page.entries.at(-1)?.key;
    if (!page.more || after === undefined) break;
    page = await registry.range(LIMITS_PREFIX, { limit: PAGE, after });
  }
  return {
    division: Division.of((account && decodeAccount(account)?.concurrency) ?? 0, parts),
    // A part that is deleted meanwhile had nothing: it is not missed.
    compare: [
      { kind: 'key', key: ACCOUNT_KEY, modRevision: account?.modRevision ?? 0 },
      { kind: 'range', prefix: LIMITS_PREFIX, notAfterRevision: revision },
    ],
  };
}

function addTo(parts: Map<string, LimitRecord>, entry: Entry): void {
  const part = decodeLimit(entry);
  if (part) parts.set(limitIdOf(entry.key), part);
}

/** A giver lets go of what nobody was granted when its grants were read; each raised since refuses the transaction. */
async function settle(registry: Registry, division: Division): Promise<Stored> {
  const granted = new Map<string, number>();
  const compare: Compare[] = [];
  for (const limitId of division.givers.slice(0, GIVERS_MAX)) {
    const prefix = grantsPrefix(limitId);
    const { entries, revision } = await registry.range(prefix);
    granted.set(
      limitId,
      entries.reduce((sum, entry) => sum + slotsOf(entry), 0),
    );
    compare.push({ kind: 'range', prefix, notAfterRevision: revision });
  }
  return { division: division.settle(granted), compare };
}

function changesOf(before: Division, after: Division): Write[] {
  const writes: Write[] = [];
  for (const [limitId, part] of after.parts)
    if (!isDeepStrictEqual(before.parts.get(limitId), part))
      writes.push({ kind: 'put', key: limitKey(limitId), value: encodeRecord(part) });
  for (const limitId of before.parts.keys())
    if (!after.parts.has(limitId)) writes.push({ kind: 'delete', key: limitKey(limitId) });
  if (after.concurrency !== before.concurrency) {
    const account: AccountRecord = { concurrency: after.concurrency };
    writes.push({ kind: 'put', key: ACCOUNT_KEY, value: encodeRecord(account) });
  }
  return writes;
}

/** Each refusal means that somebody else came through; sixteen gateways at once are more than ever do. */
const TRIES = 20;
/** Past these only what is wanted is written, and placement settles. */
const SETTLING_TRIES = 10;
/** How many givers one transaction looks at: each is one of its comparisons. The others are settled next. */
const GIVERS_MAX = 32;
const PAGE = 1_000;
