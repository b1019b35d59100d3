import { isDeepStrictEqual } from 'node:util';
import type { CodeReference } from './code-reference.ts';
import type { FunctionRecord } from './function-record.ts';
import type { VersionConfiguration } from './version-configuration.ts';
import {
  LATEST,
  LATEST_PUBLISHED,
  type RuntimeUpdate,
  type Standing,
  type VersionRecord,
} from './version-record.ts';

/** What a change takes from outside: pure functions ask nobody for ids, time or workers. */
export interface Stamp {
  readonly revisionId: string;
  readonly atMs: number;
  /** Whether some worker has the runtime. */
  runtimeAvailable(runtime: string): boolean;
}

const GOOD: Standing = { kind: 'good' };

export function newFunction(
  parts: Pick<FunctionRecord, 'id' | 'accountId' | 'name' | 'tags'> & {
    readonly code: CodeReference;
    readonly configuration: VersionConfiguration;
  },
  stamp: Stamp,
): FunctionRecord {
  const { id, accountId, name, tags, code, configuration } = parts;
  const latest: VersionRecord = {
    schema: 1,
    version: LATEST,
    revisionId: stamp.revisionId,
    configurationRevision: 1,
    lastModifiedMs: stamp.atMs,
    state: runtimeStanding(configuration, stamp),
    lastUpdate: GOOD,
    code,
    configuration,
  };
  return {
    schema: 1,
    id,
    accountId,
    name,
    writeId: stamp.revisionId,
    nextVersion: 1,
    publishedCodeBytes: 0,
    deletedVersions: 0,
    aliasChanges: 0,
    tags,
    latest,
  };
}

/** $LATEST with other code, other configuration or both. */
export function withLatest(
  record: FunctionRecord,
  change: { readonly code?: CodeReference; readonly configuration?: VersionConfiguration },
  stamp: Stamp,
): FunctionRecord {
  const { latest } = record;
  const configuration = change.configuration ?? latest.configuration;
  const standing = runtimeStanding(configuration, stamp);
  // What was chosen for one runtime says nothing of another.
  const { runtimeUpdate, ...others } = latest;
  const kept = configuration.runtime === latest.configuration.runtime && runtimeUpdate;
  return {
    ...record,
    latest: {
      ...others,
      ...(kept && { runtimeUpdate: kept }),
      code: change.code ?? latest.code,
      configuration,
      revisionId: stamp.revisionId,
      configurationRevision: latest.configurationRevision + 1,
      lastModifiedMs: stamp.atMs,
      state: standing.kind === 'good' ? GOOD : latest.state,
      lastUpdate: standing,
    },
  };
}

/** $LATEST as the next published version. Both get a revision id, as on AWS; `versionRevisionId` is the new one's. */
export function published(
  record: FunctionRecord,
  options: { readonly description?: string | undefined; readonly versionRevisionId: string },
  stamp: Pick<Stamp, 'revisionId'>,
): { readonly record: FunctionRecord; readonly version: VersionRecord } {
  const { latest } = record;
  const description = options.description ?? latest.configuration.description;
  return {
    record: {
      ...record,
      nextVersion: record.nextVersion + 1,
      publishedCodeBytes: record.publishedCodeBytes + latest.code.bytes,
      latest: { ...latest, revisionId: stamp.revisionId },
    },
    version: {
      ...latest,
      version: String(record.nextVersion),
      revisionId: options.versionRevisionId,
      configuration: { ...latest.configuration, description },
    },
  };
}

/** $LATEST as $LATEST.PUBLISHED, in the place of `before`. */
export function publishedLatest(
  record: FunctionRecord,
  options: {
    readonly before: VersionRecord | undefined;
    readonly description?: string | undefined;
    readonly versionRevisionId: string;
  },
  stamp: Pick<Stamp, 'revisionId'>,
): { readonly record: FunctionRecord; readonly version: VersionRecord } {
  const { before } = options;
  const next = published(record, options, stamp);
  return {
    record: {
      ...next.record,
      nextVersion: record.nextVersion,
      publishedCodeBytes: next.record.publishedCodeBytes - (before?.code.bytes ?? 0),
      deletedVersions: record.deletedVersions + (before ? 1 : 0),
    },
    version: { ...next.version, version: LATEST_PUBLISHED },
  };
}

/** Whether publishing $LATEST again would make the same version: AWS does not count its description. */
export function sameAsPublished(latest: VersionRecord, version: VersionRecord): boolean {
  const { description: _, ...wanted } = latest.configuration;
  const { description: __, ...had } = version.configuration;
  return latest.code.digest === version.code.digest && isDeepStrictEqual(wanted, had);
}

export function withoutVersion(record: FunctionRecord, version: VersionRecord): FunctionRecord {
  return {
    ...record,
    publishedCodeBytes: record.publishedCodeBytes - version.code.bytes,
    deletedVersions: record.deletedVersions + 1,
  };
}

/** Of any of its aliases. */
export function withAliasChange(record: FunctionRecord): FunctionRecord {
  return { ...record, aliasChanges: record.aliasChanges + 1 };
}

/** $LATEST as it was, seen as changed. */
export function withRevision(record: FunctionRecord, revisionId: string): FunctionRecord {
  return { ...record, latest: { ...record.latest, revisionId } };
}

/** Of $LATEST or of a published version. */
export function withRuntimeUpdate(
  version: VersionRecord,
  runtimeUpdate: RuntimeUpdate,
  { revisionId }: Pick<Stamp, 'revisionId'>,
): VersionRecord {
  return { ...version, runtimeUpdate, revisionId };
}

/** Undefined: nobody asks any more who signed. */
export function withCodeSigning(record: FunctionRecord, configId: string | undefined): FunctionRecord {
  const { codeSigningConfigId: _, ...others } = record;
  return configId === undefined ? others : { ...others, codeSigningConfigId: configId };
}

export function withTags(record: FunctionRecord, tags: Readonly<Record<string, string>>): FunctionRecord {
  return { ...record, tags: { ...tags } };
}

function runtimeStanding({ runtime }: VersionConfiguration, stamp: Stamp): Standing {
  if (stamp.runtimeAvailable(runtime)) return GOOD;
  return { kind: 'failed', code: 'InvalidRuntime', reason: `No worker has the runtime ${runtime}.` };
}
