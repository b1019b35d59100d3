import type { Random } from '@lambent/core';
import { type Compare, RecordTable, type Registry, type Write } from '@lambent/registry';
import type { Listing } from './function-store.ts';
import { layersPrefix, layerVersionId, layerVersionKey, layerVersionsPrefix } from './layer-keys.ts';
import type { LayerRecord, LayerVersionRecord } from './layer-record.ts';
import { decodeLayer, decodeLayerVersion, encodeRecord } from './stored-record.ts';

/** The layers of one account in the registry. A version is written together with the number that the next one will have. */
export class LayerStore {
  readonly #options: LayerStoreOptions;
  readonly #layers: RecordTable<LayerRecord>;

  constructor(options: LayerStoreOptions) {
    this.#options = options;
    this.#layers = new RecordTable({
      ...options,
      prefix: layersPrefix(options.accountId),
      decode: decodeLayer,
    });
  }

  /** The next version of that layer, which need not be there yet. */
  publish(layerName: string, content: LayerContent): Promise<LayerVersionRecord> {
    return this.#layers.change(layerName, layer => {
      const version = layer?.nextVersion ?? 1;
      const writeId = this.#options.random.uuid();
      const record: LayerVersionRecord = { schema: 1, layerName, version, writeId, ...content };
      const key = layerVersionKey(this.#options.accountId, layerName, version);
      const write: Write[] = [{ kind: 'put', key, value: encodeRecord(record) }];
      const put = { schema: 1 as const, nextVersion: version + 1 };
      return { put, alongside: { compare: [], write }, result: record };
    });
  }

  async read(layerName: string, version: number): Promise<StoredLayerVersion | undefined> {
    const key = layerVersionKey(this.#options.accountId, layerName, version);
    const entry = await this.#options.registry.get(key);
    if (!entry) return undefined;
    const unchanged: Compare = { kind: 'key', key, modRevision: entry.modRevision };
    return { record: decodeLayerVersion(entry), unchanged };
  }

  /** Changes a version's policy; undefined: there is no such version. What `decide` throws goes to the caller. */
  change<T>(
    layerName: string,
    version: number,
    decide: (record: LayerVersionRecord) => LayerDecision<T>,
  ): Promise<{ readonly result: T } | undefined> {
    return this.#versions(layerName).change(layerVersionId(version), record => {
      if (!record) return { result: undefined };
      const { policy: _, ...kept } = record;
      const { policy, result } = decide(record);
      return { put: { ...kept, ...(policy && { policy }) }, result: { result } };
    });
  }

  /** To delete what is not there is no error. Functions that use it go on: they name its package themselves. */
  delete(layerName: string, version: number): Promise<void> {
    return this.#versions(layerName).change<void>(layerVersionId(version), record =>
      record ? { remove: true, result: undefined } : { result: undefined },
    );
  }

  /** The versions of one layer that match, newest first, those older than `after`. */
  async listVersions(layerName: string, query: LayerQuery<number>): Promise<Listing<LayerVersionRecord>> {
    const after =
      query.after === undefined
        ? undefined
        : layerVersionKey(this.#options.accountId, layerName, query.after);
    return this.#list(layerVersionsPrefix(this.#options.accountId, layerName), { ...query, after });
  }

  /** Of each layer the newest version that matches, in the order of their keys. */
  async list(query: LayerQuery<string>): Promise<Listing<LayerVersionRecord>> {
    const after = query.after === undefined ? undefined : this.#endOf(query.after);
    return this.#list(layerVersionsPrefix(this.#options.accountId), { ...query, after, eachLayerOnce: true });
  }

  /** Of all versions together. Reads each once. */
  async codeBytes(): Promise<number> {
    let bytes = 0;
    const matches = ({ code }: LayerVersionRecord) => {
      bytes += code.bytes;
      return false;
    };
    await this.#list(layerVersionsPrefix(this.#options.accountId), { after: undefined, limit: 0, matches });
    return bytes;
  }

  async #list(
    prefix: string,
    query: LayerQuery<string> & { readonly eachLayerOnce?: boolean },
  ): Promise<Listing<LayerVersionRecord>> {
    const { limit, matches, eachLayerOnce = false } = query;
    const items: LayerVersionRecord[] = [];
    for (let after = query.after; ; ) {
      const page = await this.#options.registry.range(prefix, {
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
    return layerVersionKey(this.#options.accountId, layerName, 0);
  }

  #versions(layerName: string): RecordTable<LayerVersionRecord> {
    const prefix = layerVersionsPrefix(this.#options.accountId, layerName);
    return new RecordTable({ ...this.#options, prefix, decode: decodeLayerVersion });
  }
}

export interface LayerStoreOptions {
  readonly registry: Pick<Registry, 'get' | 'range' | 'transact'>;
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

/** Decoded in one turn of the event loop, beside invocations. */
const PAGE = 100;
