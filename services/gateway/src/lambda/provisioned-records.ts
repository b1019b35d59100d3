import {
  type Division,
  decodeProvisioned,
  decodeProvisionedStanding,
  type ProvisionedRecord,
  type ProvisionedStanding,
  planDivision,
  provisionedKey,
  provisionedPrefix,
  provisionedStandingKey,
} from '@lambent/membership';
import type { Compare, Registry, Transaction, Write } from '@lambent/registry';

/**
 * What is provisioned of one function: as much at most as the account has concurrency, so it is read whole. Gateways
 * change it only together with the function's record; placement alone does without, which `compare` notices.
 */
export interface ProvisionedRecords {
  readonly records: readonly ProvisionedRecord[];
  readonly compare: Compare;
}

export async function readProvisioned(registry: Registry, functionId: string): Promise<ProvisionedRecords> {
  const prefix = provisionedPrefix(functionId);
  const { entries, revision } = await registry.range(prefix);
  return {
    records: entries.flatMap(entry => decodeProvisioned(entry) ?? []),
    compare: { kind: 'range', prefix, notAfterRevision: revision },
  };
}

export async function readStanding(
  registry: Registry,
  { functionId, qualifier }: ProvisionedRecord,
): Promise<ProvisionedStanding | undefined> {
  const entry = await registry.get(provisionedStandingKey(functionId, qualifier));
  return entry && decodeProvisionedStanding(entry);
}

/** Whether environments of the version are kept, or still kept, under another name. */
export function isProvisionedOtherwise(
  { records }: ProvisionedRecords,
  { qualifier, version }: { readonly qualifier: string; readonly version: string },
): boolean {
  return records.some(
    record =>
      record.qualifier !== qualifier && (record.version === version || record.previousVersion === version),
  );
}

/** Takes one out, with all that was divided off for it. */
export function withdraw(
  { functionId, qualifier, version, previousVersion }: ProvisionedRecord,
  division: Division,
): { readonly division: Division; readonly write: readonly Write[] } {
  const without = division.unprovision(functionId, version);
  return {
    division: previousVersion === undefined ? without : without.unprovision(functionId, previousVersion),
    write: [
      { kind: 'delete', key: provisionedKey(functionId, qualifier) },
      { kind: 'delete', key: provisionedStandingKey(functionId, qualifier) },
    ],
  };
}

/** What takes out what is provisioned under the name, if anything is. */
export async function withdrawal(
  registry: Registry,
  functionId: string,
  qualifier: string,
): Promise<Transaction | undefined> {
  const { records, compare } = await readProvisioned(registry, functionId);
  const record = records.find(each => each.qualifier === qualifier);
  if (!record) return undefined;
  const { transaction } = await planDivision(registry, division => ({
    ...withdraw(record, division),
    compare: [compare],
  }));
  return transaction;
}
