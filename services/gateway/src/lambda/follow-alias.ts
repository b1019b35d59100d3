import { AwsError } from '@lambent/aws-api';
import { type AliasRecord, LATEST } from '@lambent/functions';
import {
  type Division,
  encodeRecord,
  type ProvisionedRecord,
  planDivision,
  provisionedKey,
} from '@lambent/membership';
import type { Transaction } from '@lambent/registry';
import { provisioned } from './concurrency-room.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { isProvisionedOtherwise, readProvisioned } from './provisioned-records.ts';
import { alreadyProvisioned, unpublished } from './refusals.ts';

/** What moves an alias's provisioned concurrency along with it; undefined where it has none, or stays. */
export async function followAlias(
  backend: LambdaBackend,
  functionId: string,
  alias: AliasRecord,
): Promise<Transaction | undefined> {
  const known = await readProvisioned(backend.registry, functionId);
  const current = known.records.find(({ qualifier }) => qualifier === alias.name);
  if (!current || current.version === alias.version) return undefined;
  if (alias.version === LATEST) throw unpublished();
  if (isProvisionedOtherwise(known, { qualifier: alias.name, version: alias.version }))
    throw alreadyProvisioned();
  const { transaction } = await planDivision(backend.registry, before => {
    const { division, record } = moved(before, current, alias.version);
    const change = { requestId: backend.random.uuid(), lastModifiedMs: backend.clock.nowMs() };
    const value = encodeRecord({ ...record, ...change });
    const key = provisionedKey(functionId, alias.name);
    return { division, compare: [known.compare], write: [{ kind: 'put', key, value }] };
  });
  return transaction;
}

/**
 * What serves goes on until the new version is ready: where the alias moved on before that, the one before. Where there
 * is no room for both at once, the new one comes as the old one goes.
 */
function moved(
  before: Division,
  current: ProvisionedRecord,
  version: string,
): { readonly division: Division; readonly record: ProvisionedRecord } {
  const { functionId, requested: slots } = current;
  const { previousVersion = current.version, ...rest } = current;
  const base = previousVersion === current.version ? before : before.unprovision(functionId, current.version);
  if (previousVersion === version)
    return { division: base.provision(functionId, version, slots), record: { ...rest, version } };
  const both = provisioned(base, { functionId, version, slots });
  if (!(both instanceof AwsError)) return { division: both, record: { ...rest, version, previousVersion } };
  const alone = base.unprovision(functionId, previousVersion).provision(functionId, version, slots);
  return { division: alone, record: { ...rest, version } };
}
