import type { EnvironmentSpec } from '@lambent/contracts';
import type { Registry } from '@lambent/registry';
import { functionKey, versionKey } from './function-keys.ts';
import { decodeFunction, decodeVersion } from './stored-record.ts';
import { LATEST } from './version-record.ts';

/** Whether the registry still has the version that this tells of, configured as it tells. */
export async function isCurrentSpec(
  registry: Pick<Registry, 'get'>,
  spec: EnvironmentSpec,
): Promise<boolean> {
  const { accountId, functionName, key } = spec;
  const entry = key && (await registry.get(functionKey(accountId, functionName)));
  const record = entry && decodeFunction(entry);
  if (record === undefined || record.id !== key?.functionId) return false;
  if (key.version === LATEST) return BigInt(record.latest.configurationRevision) === key.revision;
  const published = await registry.get(versionKey(record.id, key.version));
  return published !== undefined && BigInt(decodeVersion(published).configurationRevision) === key.revision;
}
