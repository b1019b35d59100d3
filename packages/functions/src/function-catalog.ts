import { type Clock, fail, isFailure, type Random, sleep } from '@lambent/core';
import { decodeProvisioned, provisionedKey } from '@lambent/membership';
import { decodeKeyPart, type Registry, type WatchEvent } from '@lambent/registry';
import { routedVersion, servedAlias } from './alias-record.ts';
import { aliasKey, functionKey, functionsPrefix, versionKey } from './function-keys.ts';
import type { FunctionRecord } from './function-record.ts';
import type { StoreObserver } from './function-store.ts';
import { KnownFunction, type RunnableVersion } from './known-function.ts';
import { decodeAlias, decodeFunction, decodeVersion } from './stored-record.ts';
import { LATEST, LATEST_PUBLISHED } from './version-record.ts';

/**
 * The functions of one account, for whoever runs them: known ones are answered from memory and kept fresh by the
 * registry's watch; a name not known is read once, and that there is none is then known too. What is known does
 * not expire while the registry is silent.
 *
 * A watch that breaks goes on where it was. Only when the registry no longer keeps what came since, the cache is
 * emptied and the watch begins anew at a revision read before that, so no change falls between.
 */
export class FunctionCatalog implements StoreObserver, AsyncDisposable {
  readonly #options: FunctionCatalogOptions;
  readonly #prefix: string;
  readonly #known = new Map<string, KnownFunction>();
  readonly #loads = new Map<string, Load>();
  readonly #closing = new AbortController();
  /** Counts how often the cache was emptied: a read begun before that is done again. */
  #epoch = 0;
  #following: Promise<void> = Promise.resolve();

  private constructor(options: FunctionCatalogOptions) {
    this.#options = options;
    this.#prefix = functionsPrefix(options.accountId);
  }

  /** Ready once it knows from where to watch: it reads no function by itself. */
  static async open(options: FunctionCatalogOptions): Promise<FunctionCatalog> {
    const catalog = new FunctionCatalog(options);
    const revision = await catalog.#restart();
    catalog.#following = catalog.#follow(revision);
    return catalog;
  }

  /** At once for what is known. */
  resolve(query: FunctionQuery): Resolution | Promise<Resolution> {
    const known = this.#known.get(query.name);
    if (!known) return this.#resolveUnknown(query);
    known.used = true;
    return this.#resolveIn(known, query);
  }

  /**
   * Makes the next `resolve` of the name read it: its answer is no older than this call, also where the watch is behind
   * and where a read is under way.
   */
  forget(name: string): void {
    this.#known.delete(name);
    const load = this.#loads.get(name);
    if (load) load.forgotten = true;
  }

  written(record: FunctionRecord, revision: number): void {
    this.#learn(record.name, revision, record);
  }

  deleted(name: string, revision: number): void {
    this.#learn(name, revision, undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  #resolveIn(known: KnownFunction, query: FunctionQuery): Resolution | Promise<Resolution> {
    const { record } = known;
    if (!record) return NO_FUNCTION;
    const qualifier = query.qualifier ?? LATEST;
    const runnable = known.version(qualifier);
    if (runnable) return found(record, runnable);
    if (NUMBER.test(qualifier) || qualifier === LATEST_PUBLISHED)
      return this.#resolveVersion(known, record, query);
    const fraction = this.#options.random.fraction();
    const alias = known.alias(qualifier);
    const routed = alias && known.version(routedVersion(alias, fraction));
    return routed
      ? found(record, routed)
      : this.#resolveAlias(known, record, { ...query, qualifier, fraction });
  }

  async #resolveUnknown(query: FunctionQuery): Promise<Resolution> {
    return this.#resolveIn(await this.#load(query.name), query);
  }

  /** Reads the alias, also where only its version is not in memory: it may have moved, and that version be gone. */
  async #resolveAlias(
    known: KnownFunction,
    record: FunctionRecord,
    query: FunctionQuery & { readonly qualifier: string; readonly fraction: number },
  ): Promise<Resolution> {
    const { name, qualifier, fraction } = query;
    const { registry } = this.#options;
    const entry = await registry.get(aliasKey(record.id, qualifier));
    // After the alias: where both change in between, the function has changed with them.
    const provisioned = entry && (await registry.get(provisionedKey(record.id, qualifier)));
    const current = this.#known.get(name);
    if (current && current !== known) return this.#resolveIn(current, query);
    if (!entry) return NO_QUALIFIER;
    const alias = servedAlias(decodeAlias(entry), provisioned && decodeProvisioned(provisioned));
    known.learnAlias(alias);
    return this.#resolveIn(known, { name, qualifier: routedVersion(alias, fraction) });
  }

  async #resolveVersion(
    known: KnownFunction,
    record: FunctionRecord,
    query: FunctionQuery,
  ): Promise<Resolution> {
    const entry = await this.#options.registry.get(versionKey(record.id, query.qualifier ?? LATEST));
    const current = this.#known.get(query.name);
    // The function changed meanwhile: its version may be gone, or have come.
    if (current && current !== known) return this.#resolveIn(current, query);
    return entry ? found(record, known.learn(record, decodeVersion(entry))) : NO_QUALIFIER;
  }

  /** Everybody who asks for one name waits for one read; who asks after it was forgotten, for the one after that. */
  #load(name: string): Promise<KnownFunction> {
    const running = this.#loads.get(name);
    if (running && !running.forgotten) return running.answer;
    if (running) {
      const again = () => this.#load(name);
      running.next ??= running.answer.then(again, again);
      return running.next;
    }
    if (this.#loads.size >= LOADS_MAX)
      throw fail('queue-full', { queue: 'reads of unknown functions', max: LOADS_MAX });
    const answer = this.#read(name, () => load.forgotten).finally(() => this.#loads.delete(name));
    const load: Load = { answer, forgotten: false };
    this.#loads.set(name, load);
    return load.answer;
  }

  async #read(name: string, forgotten: () => boolean): Promise<KnownFunction> {
    const { registry, accountId, region } = this.#options;
    for (;;) {
      const epoch = this.#epoch;
      const entry = await registry.get(functionKey(accountId, name));
      if (epoch !== this.#epoch) continue;
      const revision = entry?.modRevision ?? 0;
      const record = entry && decodeFunction(entry);
      // Good enough for those who asked before that, and for nobody else.
      if (forgotten()) return new KnownFunction({ record, revision, region });
      return this.#learn(name, revision, record);
    }
  }

  /** Keeps the newest of what is known and what is told. */
  #learn(name: string, revision: number, record: FunctionRecord | undefined): KnownFunction {
    const previous = this.#known.get(name);
    if (previous && previous.revision >= revision) return previous;
    const known = new KnownFunction({ record, revision, region: this.#options.region, previous });
    known.used = previous?.used ?? false;
    this.#known.set(name, known);
    if (this.#known.size > FUNCTIONS_MAX) this.#evict();
    return known;
  }

  /** The oldest goes that was not used since it was last passed over. */
  #evict(): void {
    for (const [name, known] of this.#known) {
      this.#known.delete(name);
      if (!known.used) return;
      known.used = false;
      this.#known.set(name, known);
    }
  }

  async #follow(fromRevision: number): Promise<void> {
    const { registry, clock, onWatchBroken } = this.#options;
    const { signal } = this.#closing;
    let revision = fromRevision;
    while (!signal.aborted) {
      try {
        for await (const batch of registry.watch(this.#prefix, { fromRevision: revision, signal })) {
          for (const event of batch.events) this.#apply(event, batch.revision);
          revision = batch.revision + 1;
        }
      } catch (error) {
        onWatchBroken(error);
        // Whatever else broke it, the watch goes on where it was; the cache misses nothing.
        if (isFailure(error, 'registry-compacted')) revision = await this.#restart().catch(() => revision);
      }
      await sleep(clock, WATCH_RETRY_MS, { signal }).catch(() => {});
    }
  }

  #apply(event: WatchEvent, revision: number): void {
    const key = event.kind === 'put' ? event.entry.key : event.key;
    const name = decodeKeyPart(key.slice(this.#prefix.length));
    // Only what is known, or being read this moment, is kept: a catalog never holds the whole registry.
    if (!this.#known.has(name) && !this.#loads.has(name)) return;
    try {
      this.#learn(name, revision, event.kind === 'put' ? decodeFunction(event.entry) : undefined);
    } catch (error) {
      if (!isFailure(error, 'record-unreadable')) throw error;
      // Whoever asks for it reads it again, and is told.
      this.#known.delete(name);
    }
  }

  /** Empties the cache and gives the revision to watch from. */
  async #restart(): Promise<number> {
    const { revision } = await this.#options.registry.range(this.#prefix, { limit: 1 });
    this.#known.clear();
    this.#epoch += 1;
    return revision + 1;
  }
}

/** A read of one name. */
interface Load {
  readonly answer: Promise<KnownFunction>;
  /** While it was under way. */
  forgotten: boolean;
  /** The read after it, which then somebody waits for. */
  next?: Promise<KnownFunction>;
}

export interface FunctionCatalogOptions {
  readonly registry: Registry;
  readonly clock: Clock;
  /** Chooses, invocation by invocation, between the two versions of an alias. */
  readonly random: Random;
  readonly accountId: string;
  readonly region: string;
  /** The watch goes on by itself. */
  onWatchBroken(error: unknown): void;
}

export interface FunctionQuery {
  readonly name: string;
  /** A number or an alias; absent: $LATEST. */
  readonly qualifier?: string | undefined;
}

export type Resolution =
  | ({ readonly kind: 'found'; readonly record: FunctionRecord } & RunnableVersion)
  | { readonly kind: 'no-function' }
  | { readonly kind: 'no-qualifier' };

const NO_FUNCTION: Resolution = { kind: 'no-function' };
const NO_QUALIFIER: Resolution = { kind: 'no-qualifier' };

/** Names in memory, whether there is a function or not: about 3 kB each. */
const FUNCTIONS_MAX = 20_000;
/** Reads of unknown names at once: a flood of them must not become a flood on the registry. */
const LOADS_MAX = 128;
const WATCH_RETRY_MS = 250;

const NUMBER = /^[1-9]\d*$/;

function found(record: FunctionRecord, { version, spec }: RunnableVersion): Resolution {
  return { kind: 'found', record, version, spec };
}
