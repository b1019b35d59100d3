import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { fail, type Random } from '@lambent/core';
import { type Entry, encodeKeyPart, RecordTable, type Registry, type Transaction } from '@lambent/registry';
import { type MappingRecord, MappingRecordSchema } from './mapping-record.ts';

export interface MappingStoreOptions {
  readonly registry: Registry;
  readonly random: Random;
  readonly accountId: string;
}

/** What becomes of a mapping; its `writeId` is the store's to give. */
export interface MappingDecision<Result> {
  readonly result: Result;
  readonly put?: Omit<MappingRecord, 'writeId'>;
  readonly remove?: true;
}

/**
 * The event source mappings of one account. Of a source and a function there is one mapping: a key of the pair names it,
 * and is written and deleted with it.
 */
export class MappingStore {
  readonly #registry: Registry;
  readonly #accountId: string;
  readonly #table: RecordTable<MappingRecord>;

  constructor({ registry, random, accountId }: MappingStoreOptions) {
    this.#registry = registry;
    this.#accountId = accountId;
    const prefix = `event-source-mappings/${encodeKeyPart(accountId)}/`;
    this.#table = new RecordTable({ registry, random, prefix, decode });
  }

  read(uuid: string): Promise<MappingRecord | undefined> {
    return this.#table.read(uuid);
  }

  /** Those that are `wanted`, in the order of their UUIDs, after `after`. */
  async list({
    after,
    limit,
    wanted,
  }: {
    readonly after: string | undefined;
    readonly limit: number;
    wanted(record: MappingRecord): boolean;
  }): Promise<{ readonly items: readonly MappingRecord[]; readonly more: boolean }> {
    const found: MappingRecord[] = [];
    for (let last = after, more = true; more && found.length <= limit; ) {
      const page = await this.#table.list({ after: last, limit: PAGE });
      found.push(...page.items.filter(wanted));
      last = page.items.at(-1)?.uuid;
      more = page.more;
    }
    return { items: found.slice(0, limit), more: found.length > limit };
  }

  /**
   * Made, changed or deleted as `decide` says; what it throws goes to the caller. `taken` makes the error that is thrown
   * where another mapping has the source and the function already: only who gives it may give a mapping another pair.
   */
  async change<Result>(
    uuid: string,
    decide: (
      current: MappingRecord | undefined,
    ) => MappingDecision<Result> | Promise<MappingDecision<Result>>,
    taken?: (uuid: string) => Error,
  ): Promise<Result> {
    return this.#table.change(uuid, async current => {
      const decision = await decide(current);
      const before = current && this.#pairKey(current);
      const after = decision.put && this.#pairKey(decision.put);
      if (decision.remove && before) return { ...decision, alongside: free(before) };
      if (after === undefined || after === before) return decision;
      assert(taken, 'the pair of a mapping is changed');
      const entry = await this.#registry.get(after);
      if (entry) throw taken(Buffer.from(entry.value).toString());
      const take: Transaction = {
        compare: [{ kind: 'key', key: after, modRevision: 0 }],
        write: [{ kind: 'put', key: after, value: Buffer.from(uuid) }, ...(before ? free(before).write : [])],
      };
      return { ...decision, alongside: take };
    });
  }

  #pairKey({ settings, functionName, qualifier }: Omit<MappingRecord, 'writeId'>): string {
    const { EventSourceArn, SelfManagedEventSource, Topics, Queues } = settings;
    const pair = [EventSourceArn, SelfManagedEventSource, Topics, Queues, functionName, qualifier];
    const digest = createHash('sha256').update(JSON.stringify(pair)).digest('hex');
    return `event-source-pairs/${encodeKeyPart(this.#accountId)}/${digest}`;
  }
}

/** A page of the registry, of which those are taken that are wanted. */
const PAGE = 500;

function free(key: string): Transaction {
  return { compare: [], write: [{ kind: 'delete', key }] };
}

function decode(entry: Entry): MappingRecord {
  try {
    return MappingRecordSchema.parse(JSON.parse(Buffer.from(entry.value).toString()));
  } catch (cause) {
    throw fail('record-unreadable', { key: entry.key }, { cause });
  }
}
