import type { EnvironmentSpec } from '@lambent/contracts';
import type { AliasRecord } from './alias-record.ts';
import { environmentSpecOf } from './environment-spec.ts';
import type { FunctionRecord } from './function-record.ts';
import { LATEST, type VersionRecord } from './version-record.ts';

/** A version ready to run. `spec` is one object for as long as the configuration stays. */
export interface RunnableVersion {
  readonly version: VersionRecord;
  readonly spec: EnvironmentSpec;
}

/** Versions of one function in use at a time are few: those that aliases and callers name. */
const VERSIONS_MAX = 64;
/** As many of its aliases, for the same reason. */
const ALIASES_MAX = 64;

/** What a catalog knows of a name at one revision: a function, or that there is none. Replaced, never changed. */
export class KnownFunction {
  readonly record: FunctionRecord | undefined;
  readonly revision: number;
  /** Whether it was asked for since it was last passed over for eviction. */
  used = false;
  readonly #region: string;
  readonly #versions: Map<string, RunnableVersion>;
  readonly #aliases: Map<string, AliasRecord>;

  constructor(parts: {
    readonly record: FunctionRecord | undefined;
    readonly revision: number;
    readonly region: string;
    readonly previous?: KnownFunction | undefined;
  }) {
    const { record, previous } = parts;
    this.record = record;
    this.revision = parts.revision;
    this.#region = parts.region;
    const earlier = previous?.record?.id === record?.id ? previous : undefined;
    this.#versions = sameCount('deletedVersions', record, earlier) ? earlier.#versions : new Map();
    this.#aliases = sameCount('aliasChanges', record, earlier) ? earlier.#aliases : new Map();
    if (!record) return;
    const before = earlier?.version(LATEST);
    const same = before?.version.configurationRevision === record.latest.configurationRevision;
    const spec = before && same ? before.spec : environmentSpecOf(record, record.latest, this.#region);
    this.#versions.set(LATEST, { version: record.latest, spec });
  }

  version(qualifier: string): RunnableVersion | undefined {
    return this.#versions.get(qualifier);
  }

  alias(qualifier: string): AliasRecord | undefined {
    return this.#aliases.get(qualifier);
  }

  /** Keeps an alias that was read while this was what is known. */
  learnAlias(alias: AliasRecord): void {
    const oldest = this.#aliases.keys().next();
    if (this.#aliases.size >= ALIASES_MAX && !oldest.done) this.#aliases.delete(oldest.value);
    this.#aliases.set(alias.name, alias);
  }

  /** Keeps a published version that was read while this was what is known. */
  learn(record: FunctionRecord, version: VersionRecord): RunnableVersion {
    const runnable = { version, spec: environmentSpecOf(record, version, this.#region) };
    if (this.#versions.size >= VERSIONS_MAX) this.#forgetOldest();
    this.#versions.set(version.version, runnable);
    return runnable;
  }

  #forgetOldest(): void {
    for (const qualifier of this.#versions.keys()) {
      if (qualifier === LATEST) continue;
      this.#versions.delete(qualifier);
      return;
    }
  }
}

/**
 * Published versions never change, so they stay known until one of them was deleted; aliases, until one of them was
 * changed.
 */
function sameCount(
  counter: 'deletedVersions' | 'aliasChanges',
  record: FunctionRecord | undefined,
  earlier: KnownFunction | undefined,
): earlier is KnownFunction {
  return record !== undefined && record[counter] === earlier?.record?.[counter];
}
