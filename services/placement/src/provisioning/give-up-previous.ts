import {
  changeDivision,
  decodeProvisioned,
  encodeRecord,
  type ProvisionedRecord,
  provisionedKey,
  provisionedPrefix,
} from '@lambent/membership';
import type { Registry } from '@lambent/registry';

/**
 * The version that an alias means now is ready: the one before gives its part of the division back, and serves no more.
 * Does nothing where the owner has asked for something else meanwhile. Rejects with `registry-unavailable`.
 */
export async function giveUpPrevious(
  registry: Registry,
  { functionId, qualifier, requestId }: ProvisionedRecord,
): Promise<void> {
  const prefix = provisionedPrefix(functionId);
  await changeDivision(registry, async division => {
    const { entries, revision } = await registry.range(prefix);
    const records = entries.flatMap(entry => decodeProvisioned(entry) ?? []);
    const record = records.find(each => each.qualifier === qualifier && each.requestId === requestId);
    if (record?.previousVersion === undefined) return { division };
    const { previousVersion, ...rest } = record;
    // By its number, or as another alias: then the part is that one's now.
    const isWanted = records.some(each => each !== record && each.version === previousVersion);
    return {
      division: isWanted ? division : division.unprovision(functionId, previousVersion),
      compare: [{ kind: 'range', prefix, notAfterRevision: revision }],
      write: [{ kind: 'put', key: provisionedKey(functionId, qualifier), value: encodeRecord(rest) }],
    };
  });
}
