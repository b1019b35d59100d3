import { fail, type Random } from '@lambent/core';
import {
  type Entry,
  encodeKeyPart,
  type RecordDecision,
  RecordTable,
  type Registry,
  type Transaction,
} from '@lambent/registry';
import { type CodeSigningRecord, CodeSigningRecordSchema } from './code-signing-record.ts';
import type { FunctionRecord } from './function-record.ts';
import type { Listing, Page } from './function-store.ts';

export interface CodeSigningStoreOptions {
  readonly registry: Registry;
  readonly random: Random;
  readonly accountId: string;
}

type Decision<Result> = RecordDecision<Omit<CodeSigningRecord, 'writeId'>, Result>;

/**
 * The code signing configurations of one account, and which functions use them. Each use has a key of its own, written
 * and deleted with its function: so none is deleted that a function names.
 */
export class CodeSigningStore {
  readonly #registry: Registry;
  readonly #prefix: string;
  readonly #table: RecordTable<CodeSigningRecord>;

  constructor({ registry, random, accountId }: CodeSigningStoreOptions) {
    this.#registry = registry;
    this.#prefix = `code-signing-configs/${encodeKeyPart(accountId)}/`;
    this.#table = new RecordTable({ registry, random, prefix: this.#prefix, decode });
  }

  read(id: string): Promise<CodeSigningRecord | undefined> {
    return this.#table.read(id);
  }

  list(page: Page): Promise<Listing<CodeSigningRecord>> {
    return this.#table.list(page);
  }

  /** Made or changed as `decide` says; what it throws goes to the caller. */
  change<Result>(
    id: string,
    decide: (current: CodeSigningRecord | undefined) => Decision<Result>,
  ): Promise<Result> {
    return this.#table.change(id, decide);
  }

  remove(id: string): Promise<'removed' | 'in-use' | 'none'> {
    return this.#table.change<'removed' | 'in-use' | 'none'>(id, async current => {
      if (!current) return { result: 'none' };
      const prefix = usesPrefix(id);
      const { entries, revision } = await this.#registry.range(prefix, { limit: 1 });
      if (entries.length > 0) return { result: 'in-use' };
      const unused = { kind: 'range' as const, prefix, notAfterRevision: revision };
      return { result: 'removed', remove: true, alongside: { compare: [unused], write: [] } };
    });
  }

  /** The functions that use it, in the order of their ids. */
  async users(id: string, page: Page): Promise<Listing<CodeSigningUser>> {
    const { entries, more } = await this.#registry.range(usesPrefix(id), {
      limit: page.limit,
      ...(page.after !== undefined && { after: useKey(id, page.after) }),
    });
    const items = entries.map(({ value }) => JSON.parse(Buffer.from(value).toString()) as CodeSigningUser);
    return { items, more };
  }

  /** What is written with a function that begins to use `id`; undefined: there is no such configuration. */
  async use(record: FunctionRecord, id: string): Promise<Transaction | undefined> {
    const key = this.#prefix + encodeKeyPart(id);
    const entry = await this.#registry.get(key);
    if (!entry) return undefined;
    const user: CodeSigningUser = { functionId: record.id, functionName: record.name };
    const value = Buffer.from(JSON.stringify(user));
    const before = record.codeSigningConfigId === id ? [] : endOfUse(record);
    return {
      compare: [{ kind: 'key', key, modRevision: entry.modRevision }],
      write: [{ kind: 'put', key: useKey(id, record.id), value }, ...before],
    };
  }
}

export interface CodeSigningUser {
  readonly functionId: string;
  readonly functionName: string;
}

/** What is written with a function that uses its configuration no more. */
export function endOfUse({ id, codeSigningConfigId }: FunctionRecord): Transaction['write'] {
  if (codeSigningConfigId === undefined) return [];
  return [{ kind: 'delete', key: useKey(codeSigningConfigId, id) }];
}

function usesPrefix(id: string): string {
  return `code-signing-uses/${encodeKeyPart(id)}/`;
}

function useKey(id: string, functionId: string): string {
  return usesPrefix(id) + encodeKeyPart(functionId);
}

function decode(entry: Entry): CodeSigningRecord {
  try {
    return CodeSigningRecordSchema.parse(JSON.parse(Buffer.from(entry.value).toString()));
  } catch (cause) {
    throw fail('record-unreadable', { key: entry.key }, { cause });
  }
}
