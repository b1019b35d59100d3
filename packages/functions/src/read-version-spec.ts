import type { EnvironmentSpec } from '@lambent/contracts';
import type { Registry } from '@lambent/registry';
import { environmentSpecOf } from './environment-spec.ts';
import { functionKey, versionKey } from './function-keys.ts';
import { decodeFunction, decodeVersion } from './stored-record.ts';

/** Which published version of which function, and where that stands. */
export interface VersionName {
  readonly accountId: string;
  readonly functionName: string;
  /** A function made again under that name is another one. */
  readonly functionId: string;
  readonly version: string;
  readonly region: string;
}

/** A published version as workers start it; undefined: it is gone. Rejects with `registry-unavailable`. */
export async function readVersionSpec(
  registry: Registry,
  { accountId, functionName, functionId, version, region }: VersionName,
): Promise<EnvironmentSpec | undefined> {
  const entry = await registry.get(functionKey(accountId, functionName));
  const record = entry && decodeFunction(entry);
  if (record?.id !== functionId) return undefined;
  const published = await registry.get(versionKey(functionId, version));
  return published && environmentSpecOf(record, decodeVersion(published), region);
}
