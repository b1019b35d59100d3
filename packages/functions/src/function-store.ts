import { type Clock, fail, isFailure, type Random, sleep } from '@lambent/core';
import type { Entry, Registry, Transaction, Write } from '@lambent/registry';
import type { AliasRecord } from './alias-record.ts';
import { endOfUse } from './code-signing-store.ts';
import { deletionNote, removeRemains } from './deletions.ts';
import type { EventInvokeRecord } from './event-invoke-record.ts';
import {
  aliasesPrefix,
  aliasKey,
  eventInvokeKey,
  eventInvokesPrefix,
  functionKey,
  functionsPrefix,
  policyKey,
  urlKey,
  urlOwnerKey,
  urlsPrefix,
  versionKey,
  versionsPrefix,
} from './function-keys.ts';
import type { FunctionRecord } from './function-record.ts';
import type { PolicyRecord } from './policy-record.ts';
import { readEventInvoke } from './read-event-invoke.ts';
import {
  decodeAlias,
  decodeEventInvoke,
  decodeFunction,
  decodePolicy,
  decodeUrl,
  decodeUrlOwner,
  decodeVersion,
  encodeRecord,
} from './stored-record.ts';
import type { UrlOwner, UrlRecord } from './url-record.ts';
import type { VersionRecord } from './version-record.ts';

/**
 * The functions of one account in the registry. Each mutation is one transaction that compares the revision it was
 * computed from; a function and its new version, or its changed alias, are one write.
 *
 * - Refused: somebody else was first. The change is computed again from what is there now, so its own
 *   preconditions are checked again, at most `ATTEMPTS_MAX` times; then `conflict`.
 * - Unknown: read again. The record tells by its `writeId` whether the write was done; if it was not, the very same
 *   transaction is sent again. If somebody else has written since, nobody can tell: `storage-failed`.
 */
export class FunctionStore {
  readonly #registry: Registry;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #accountId: string;
  readonly #observer: StoreObserver;

  constructor(options: FunctionStoreOptions) {
    this.#registry = options.registry;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#accountId = options.accountId;
    this.#observer = options.observer;
  }

  async read(name: string): Promise<FunctionRecord | undefined> {
    const entry = await this.#registry.get(functionKey(this.#accountId, name));
    return entry && decodeFunction(entry);
  }

  async readVersion(functionId: string, version: string): Promise<VersionRecord | undefined> {
    const entry = await this.#registry.get(versionKey(functionId, version));
    return entry && decodeVersion(entry);
  }

  /** Functions in the order of their names, those after `after`. */
  async list(page: Page): Promise<Listing<FunctionRecord>> {
    const after = page.after === undefined ? {} : { after: functionKey(this.#accountId, page.after) };
    const { entries, more } = await this.#registry.range(functionsPrefix(this.#accountId), {
      limit: page.limit,
      ...after,
    });
    return { items: entries.map(decodeFunction), more };
  }

  /** Published versions in the order of their numbers, those after `after`. */
  async listVersions(functionId: string, page: Page): Promise<Listing<VersionRecord>> {
    const after = page.after === undefined ? {} : { after: versionKey(functionId, page.after) };
    const { entries, more } = await this.#registry.range(versionsPrefix(functionId), {
      limit: page.limit,
      ...after,
    });
    return { items: entries.map(decodeVersion), more };
  }

  async readAlias(functionId: string, alias: string): Promise<AliasRecord | undefined> {
    const entry = await this.#registry.get(aliasKey(functionId, alias));
    return entry && decodeAlias(entry);
  }

  /** Aliases in the order of their names, those after `after`. */
  async listAliases(functionId: string, page: Page): Promise<Listing<AliasRecord>> {
    const after = page.after === undefined ? {} : { after: aliasKey(functionId, page.after) };
    const { entries, more } = await this.#registry.range(aliasesPrefix(functionId), {
      limit: page.limit,
      ...after,
    });
    return { items: entries.map(decodeAlias), more };
  }

  /** Of the version or alias of that name. */
  async readPolicy(functionId: string, qualifier: string): Promise<PolicyRecord | undefined> {
    const entry = await this.#registry.get(policyKey(functionId, qualifier));
    return entry && decodePolicy(entry);
  }

  async readEventInvoke(functionId: string, qualifier: string): Promise<EventInvokeRecord | undefined> {
    return readEventInvoke(this.#registry, functionId, qualifier);
  }

  /** In the order of their qualifiers. */
  async listEventInvokes(functionId: string, page: Page): Promise<Listing<EventInvokeRecord>> {
    const after = page.after === undefined ? {} : { after: eventInvokeKey(functionId, page.after) };
    const { entries, more } = await this.#registry.range(eventInvokesPrefix(functionId), {
      limit: page.limit,
      ...after,
    });
    return { items: entries.map(decodeEventInvoke), more };
  }

  async readUrl(functionId: string, qualifier: string): Promise<UrlRecord | undefined> {
    const entry = await this.#registry.get(urlKey(functionId, qualifier));
    return entry && decodeUrl(entry);
  }

  /** In the order of their qualifiers. */
  async listUrls(functionId: string, page: Page): Promise<Listing<UrlRecord>> {
    const after = page.after === undefined ? {} : { after: urlKey(functionId, page.after) };
    const { entries, more } = await this.#registry.range(urlsPrefix(functionId), {
      limit: page.limit,
      ...after,
    });
    return { items: entries.map(decodeUrl), more };
  }

  async readUrlOwner(urlId: string): Promise<UrlOwner | undefined> {
    const entry = await this.#registry.get(urlOwnerKey(urlId));
    return entry && decodeUrlOwner(entry);
  }

  /** False: the name is taken, or something alongside is not as it was. */
  async create(
    record: FunctionRecord,
    together: { readonly publish?: VersionRecord; readonly alongside?: Transaction } = {},
  ): Promise<boolean> {
    return (await this.#write({ ...together, record, modRevision: 0 })) === 'done';
  }

  /** Computes the change from what is stored, and stores it. What `decide` throws goes to the caller. */
  async change<T>(
    name: string,
    decide: (record: FunctionRecord) => Decision<T> | Promise<Decision<T>>,
  ): Promise<ChangeResult<T>> {
    const key = functionKey(this.#accountId, name);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const entry = await this.#registry.get(key);
      if (!entry) return { kind: 'no-function' };
      const decision = await decide(decodeFunction(entry));
      if (decision.record === undefined) return { kind: 'done', result: decision.result };
      const written = await this.#write({ ...decision, modRevision: entry.modRevision });
      if (written === 'done') return { kind: 'done', result: decision.result };
      await sleep(this.#clock, this.#random.fraction() * RETRY_SPREAD_MS * attempt);
    }
    return { kind: 'conflict' };
  }

  /**
   * False: there was none. The name goes first, with a note that something is left (deletions.ts); so whatever
   * comes between, nothing is reachable.
   */
  async delete(name: string): Promise<boolean> {
    const key = functionKey(this.#accountId, name);
    let id: string | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const entry = await this.#registry.get(key);
      if (!entry) return id !== undefined;
      const record = decodeFunction(entry);
      const found = record.id;
      // Another function under the name: an attempt of unknown end was done, or somebody was faster.
      if (id !== undefined && found !== id) return true;
      id = found;
      const result = await this.#registry.transact({
        compare: [{ kind: 'key', key, modRevision: entry.modRevision }],
        write: [{ kind: 'delete', key }, deletionNote(id), ...endOfUse(record)],
      });
      if (result.kind !== 'committed') continue;
      this.#observer.deleted(name, result.revision);
      await removeRemains(this.#registry, id).catch(leaveToSweep);
      return true;
    }
    throw fail('storage-failed', { detail: `${name} could not be deleted in ${ATTEMPTS_MAX} attempts` });
  }

  /** How many functions there are and how much code they hold. Reads every function once. */
  async usage(): Promise<Usage> {
    let functions = 0;
    let codeBytes = 0;
    let after: string | undefined;
    do {
      const page: Listing<FunctionRecord> = await this.list({ after, limit: USAGE_PAGE });
      functions += page.items.length;
      for (const record of page.items) codeBytes += record.latest.code.bytes + record.publishedCodeBytes;
      after = page.more ? page.items.at(-1)?.name : undefined;
    } while (after !== undefined);
    return { functions, codeBytes };
  }

  async #write(change: Change & { readonly modRevision: number }): Promise<'done' | 'refused'> {
    const record = { ...change.record, writeId: this.#random.uuid() };
    const key = functionKey(this.#accountId, record.name);
    const { alongside } = change;
    const own = { kind: 'key' as const, key, modRevision: change.modRevision };
    const compare = [own, ...(alongside?.compare ?? [])];
    const write = [...writesOf({ ...change, record }, key), ...(alongside?.write ?? [])];
    const revision = await this.#commit({ compare, write }, record, change.modRevision);
    if (revision === undefined) return 'refused';
    this.#observer.written(record, revision);
    return 'done';
  }

  /** The revision of the write; undefined when it was refused and certainly not done. */
  async #commit(
    transaction: Transaction,
    record: FunctionRecord,
    modRevision: number,
  ): Promise<number | undefined> {
    const key = functionKey(this.#accountId, record.name);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const result = await this.#registry.transact(transaction);
      if (result.kind === 'committed') return result.revision;
      if (result.kind === 'refused' && attempt === 1) return undefined;
      // From here on an earlier attempt may have been written, and may yet be.
      const entry = await this.#registry.get(key);
      if (entry && isOurs(entry, record.writeId)) return entry.modRevision;
      if ((entry?.modRevision ?? 0) !== modRevision) break;
    }
    throw fail('storage-failed', { detail: `the outcome of a write to ${record.name} is unknown` });
  }
}

export interface FunctionStoreOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: string;
  /** Told at once of what this store wrote, before the registry's watch says so: one reads one's own writes. */
  readonly observer: StoreObserver;
}

export interface StoreObserver {
  written(record: FunctionRecord, revision: number): void;
  deleted(name: string, revision: number): void;
}

/** What to store; without a record, nothing. */
export type Decision<T> = { readonly result: T } & ({ readonly record?: undefined } | Change);

/** A function's record, and what is written together with it. */
interface Change {
  readonly record: FunctionRecord;
  readonly publish?: VersionRecord;
  readonly unpublish?: string;
  readonly putAlias?: AliasRecord;
  readonly deleteAlias?: string;
  readonly putPolicy?: { readonly qualifier: string; readonly policy: PolicyRecord };
  readonly deletePolicy?: string;
  readonly putEventInvoke?: EventInvokeRecord;
  readonly deleteEventInvoke?: string;
  readonly putUrl?: UrlRecord;
  readonly deleteUrl?: UrlRecord;
  /** What is not the function's own, and stands or falls with this change: limits, what is provisioned. */
  readonly alongside?: Transaction;
}

export type ChangeResult<T> =
  | { readonly kind: 'done'; readonly result: T }
  | { readonly kind: 'no-function' }
  | { readonly kind: 'conflict' };

export interface Page {
  readonly after?: string | undefined;
  readonly limit: number;
}

export interface Listing<T> {
  readonly items: readonly T[];
  readonly more: boolean;
}

export interface Usage {
  readonly functions: number;
  readonly codeBytes: number;
}

/** Writers of one function that come at once all get through well within this many turns. */
const ATTEMPTS_MAX = 8;
/** Refused writers come again at different moments. */
const RETRY_SPREAD_MS = 4;
const USAGE_PAGE = 1_000;

function writesOf(change: Change, key: string): Write[] {
  const { record, publish, unpublish, putAlias, deleteAlias, putPolicy, deletePolicy } = change;
  const { id } = record;
  const write: Write[] = [{ kind: 'put', key, value: encodeRecord(record) }];
  if (publish)
    write.push({ kind: 'put', key: versionKey(id, publish.version), value: encodeRecord(publish) });
  if (unpublish) write.push({ kind: 'delete', key: versionKey(id, unpublish) });
  if (putAlias) write.push({ kind: 'put', key: aliasKey(id, putAlias.name), value: encodeRecord(putAlias) });
  if (deleteAlias) write.push({ kind: 'delete', key: aliasKey(id, deleteAlias) });
  if (putPolicy)
    write.push({
      kind: 'put',
      key: policyKey(id, putPolicy.qualifier),
      value: encodeRecord(putPolicy.policy),
    });
  const { putEventInvoke, deleteEventInvoke } = change;
  if (putEventInvoke) {
    const key = eventInvokeKey(id, putEventInvoke.qualifier);
    write.push({ kind: 'put', key, value: encodeRecord(putEventInvoke) });
  }
  const { putUrl, deleteUrl } = change;
  if (putUrl) {
    const { urlId, qualifier } = putUrl;
    const owner: UrlOwner = { schema: 1, functionName: record.name, functionId: id, qualifier };
    write.push({ kind: 'put', key: urlKey(id, qualifier), value: encodeRecord(putUrl) });
    write.push({ kind: 'put', key: urlOwnerKey(urlId), value: encodeRecord(owner) });
  }
  if (deleteUrl) {
    write.push({ kind: 'delete', key: urlKey(id, deleteUrl.qualifier) });
    write.push({ kind: 'delete', key: urlOwnerKey(deleteUrl.urlId) });
  }
  // What belongs to a version or an alias ends with it.
  for (const gone of [unpublish, deleteAlias, deletePolicy])
    if (gone !== undefined) write.push({ kind: 'delete', key: policyKey(id, gone) });
  for (const gone of [unpublish, deleteAlias, deleteEventInvoke])
    if (gone !== undefined) write.push({ kind: 'delete', key: eventInvokeKey(id, gone) });
  return write;
}

function isOurs(entry: Entry, writeId: string): boolean {
  return decodeFunction(entry).writeId === writeId;
}

/** The function is gone already, which is what was promised; what is left of it goes with the next sweep. */
function leaveToSweep(error: unknown): void {
  if (!isFailure(error)) throw error;
}
