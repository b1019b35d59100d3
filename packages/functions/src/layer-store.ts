import { type Clock, fail, type Random, sleep } from '@lambent/core';
import type { Compare, Registry } from '@lambent/registry';
import type { Listing } from './function-store.ts';
import { layerKey, layerVersionKey, layerVersionsPrefix } from './layer-keys.ts';
import type { LayerRecord, LayerVersionRecord } from './layer-record.ts';
import { decodeLayer, decodeLayerVersion, encodeRecord } from './stored-record.ts';

/**
 * The layers of one account in the registry. A version is written in one transaction with the number that the next one
 * will have. Refused: somebody else was first, and it is computed again, at most `ATTEMPTS_MAX` times. Unknown: read
 * again; the version tells by its `writeId` whether it was written.
 */
export class LayerStore {
  readonly #registry: LayerStoreOptions['registry'];
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #accountId: string;

  constructor({ registry, clock, random, accountId }: LayerStoreOptions) {
    this.#registry = registry;
    this.#clock = clock;
    this.#random = random;
    this.#accountId = accountId;
  }

  /** The next version of that layer, which need not be there yet. */
  async publish(layerName: string, content: LayerContent): Promise<LayerVersionRecord> {
    const key = layerKey(this.#accountId, layerName);
    const writeId = this.#random.uuid();
    let version: number | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const entry = await this.#registry.get(key);
      const written = version === undefined ? undefined : await this.read(layerName, version);
      if (written?.record.writeId === writeId) return written.record;
      version = entry ? decodeLayer(entry).nextVersion : 1;
      const record: LayerVersionRecord = { schema: 1, layerName, version, writeId, ...content };
      const layer: LayerRecord = { schema: 1, nextVersion: version + 1 };
      const versionKey = layerVersionKey(this.#accountId, layerName, version);
      const result = await this.#registry.transact({
        compare: [{ kind: 'key', key, modRevision: entry?.modRevision ?? 0 }],
        write: [
          { kind: 'put', key, value: encodeRecord(layer) },
          { kind: 'put', key: versionKey, value: encodeRecord(record) },
        ],
      });
      if (result.kind === 'committed') return record;
      await this.#pause(attempt);
    }
    throw this.#contended(layerName);
  }

  async read(layerName: string, version: number): Promise<StoredLayerVersion | undefined> {
    const key = layerVersionKey(this.#accountId, layerName, version);
    const entry = await this.#registry.get(key);
    if (!entry) return undefined;
    const unchanged: Compare = { kind: 'key', key, modRevision: entry.modRevision };
    return { record: decodeLayerVersion(entry), unchanged };
  }

  /** Changes a version's policy; undefined: there is no such version. What `decide` throws goes to the caller. */
  async change<T>(
    layerName: string,
    version: number,
    decide: (record: LayerVersionRecord) => LayerDecision<T>,
  ): Promise<{ readonly result: T } | undefined> {
    const key = layerVersionKey(this.#accountId, layerName, version);
    const writeId = this.#random.uuid();
    let decision: LayerDecision<T> | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const stored = await this.read(layerName, version);
      if (!stored) return undefined;
      if (decision && stored.record.writeId === writeId) return decision;
      decision = decide(stored.record);
      const { policy: _, ...kept } = stored.record;
      const { policy } = decision;
      const value = encodeRecord({ ...kept, writeId, ...(policy && { policy }) });
      const result = await this.#registry.transact({
        compare: [stored.unchanged],
        write: [{ kind: 'put', key, value }],
      });
      if (result.kind === 'committed') return decision;
      await this.#pause(attempt);
    }
    throw this.#contended(layerName);
  }

  /** To delete what is not there is no error. Functions that use it go on: they name its package themselves. */
  async delete(layerName: string, version: number): Promise<void> {
    const key = layerVersionKey(this.#accountId, layerName, version);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const result = await this.#registry.transact({ compare: [], write: [{ kind: 'delete', key }] });
      if (result.kind === 'committed') return;
      await this.#pause(attempt);
    }
    throw this.#contended(layerName);
  }

  /** The versions of one layer that match, newest first, those older than `before`. */
  async listVersions(layerName: string, query: LayerQuery<number>): Promise<Listing<LayerVersionRecord>> {
    const after =
      query.after === undefined ? undefined : layerVersionKey(this.#accountId, layerName, query.after);
    return this.#list(layerVersionsPrefix(this.#accountId, layerName), { ...query, after });
  }

  /** Of each layer the newest version that matches, in the order of their keys. */
  async list(query: LayerQuery<string>): Promise<Listing<LayerVersionRecord>> {
    const after = query.after === undefined ? undefined : this.#endOf(query.after);
    return this.#list(layerVersionsPrefix(this.#accountId), { ...query, after, eachLayerOnce: true });
  }

  /** Of all versions together. Reads each once. */
  async codeBytes(): Promise<number> {
    let bytes = 0;
    const matches = ({ code }: LayerVersionRecord) => {
      bytes += code.bytes;
      return false;
    };
    await this.#list(layerVersionsPrefix(this.#accountId), { after: undefined, limit: 0, matches });
    return bytes;
  }

  async #list(
    prefix: string,
    query: LayerQuery<string> & { readonly eachLayerOnce?: boolean },
  ): Promise<Listing<LayerVersionRecord>> {
    const { limit, matches, eachLayerOnce = false } = query;
    const items: LayerVersionRecord[] = [];
    for (let after = query.after; ; ) {
      const page = await this.#registry.range(prefix, {
        limit: PAGE,
        ...(after !== undefined && { after }),
      });
      for (const entry of page.entries) {
        const record = decodeLayerVersion(entry);
        after = entry.key;
        if (eachLayerOnce && items.at(-1)?.layerName === record.layerName) {
          after = this.#endOf(record.layerName);
          continue;
        }
        if (!matches(record)) continue;
        if (items.length === limit) return { items, more: true };
        items.push(record);
      }
      if (!page.more) return { items, more: false };
    }
  }

  /** Behind all versions of that layer. */
  #endOf(layerName: string): string {
    return layerVersionKey(this.#accountId, layerName, 0);
  }

  #pause(attempt: number): Promise<void> {
    return sleep(this.#clock, this.#random.fraction() * RETRY_SPREAD_MS * attempt);
  }

  #contended(layerName: string) {
    return fail('storage-failed', { detail: `no write to the layer ${layerName} was done` });
  }
}

export interface LayerStoreOptions {
  readonly registry: Pick<Registry, 'get' | 'range' | 'transact'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly accountId: string;
}

/** A version's own members. */
export type LayerContent = Omit<
  LayerVersionRecord,
  'schema' | 'layerName' | 'version' | 'writeId' | 'policy'
>;

export interface StoredLayerVersion {
  readonly record: LayerVersionRecord;
  /** Holds for as long as it is as it was read. */
  readonly unchanged: Compare;
}

/** A version's policy as it is to be; undefined: none. */
export interface LayerDecision<T> {
  readonly policy: LayerVersionRecord['policy'];
  readonly result: T;
}

export interface LayerQuery<P> {
  readonly after: P | undefined;
  readonly limit: number;
  matches(record: LayerVersionRecord): boolean;
}

/** Publishers of one layer that come at once all get through well within this many turns. */
const ATTEMPTS_MAX = 8;
/** Refused writers come again at different moments. */
const RETRY_SPREAD_MS = 4;
/** Decoded in one turn of the event loop, beside invocations. */
const PAGE = 100;
