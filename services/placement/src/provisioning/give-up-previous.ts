import type { Clock, Random } from '@lambent/core';
import { FunctionStore, withAliasChange } from '@lambent/functions';
import {
  decodeProvisioned,
  encodeRecord,
  type ProvisionedRecord,
  planDivision,
  provisionedKey,
  provisionedPrefix,
} from '@lambent/membership';
import type { Registry, Transaction } from '@lambent/registry';

/**
 * The version that an alias means now is ready: the one before gives its part of the division back, and the alias's
 * invocations go to the new one from here on, wherever the change of the function is heard of. Does nothing where the
 * owner has asked for something else meanwhile. Rejects with `registry-unavailable` and `storage-failed`.
 */
export async function giveUpPrevious(
  options: { readonly registry: Registry; readonly clock: Clock; readonly random: Random },
  request: ProvisionedRecord,
): Promise<void> {
  const { accountId, functionId, functionName } = request;
  const store = new FunctionStore({ ...options, accountId, observer: NOBODY });
  await store.change(functionName, async record => {
    const alongside = record.id === functionId ? await withoutPrevious(options.registry, request) : undefined;
    if (!alongside) return { result: undefined };
    return { record: withAliasChange(record), alongside, result: undefined };
  });
}

/** Undefined: there is nothing to give up. */
async function withoutPrevious(
  registry: Registry,
  { functionId, qualifier, requestId }: ProvisionedRecord,
): Promise<Transaction | undefined> {
  const prefix = provisionedPrefix(functionId);
  const { entries, revision } = await registry.range(prefix);
  const records = entries.flatMap(entry => decodeProvisioned(entry) ?? []);
  const record = records.find(each => each.qualifier === qualifier && each.requestId === requestId);
  if (record?.previousVersion === undefined) return undefined;
  const { previousVersion, ...rest } = record;
  const { transaction } = await planDivision(registry, division => ({
    division: division.unprovision(functionId, previousVersion),
    compare: [{ kind: 'range', prefix, notAfterRevision: revision }],
    write: [{ kind: 'put', key: provisionedKey(functionId, qualifier), value: encodeRecord(rest) }],
  }));
  return transaction;
}

/** Whoever runs functions hears of it from the registry. */
const NOBODY = { written: () => undefined, deleted: () => undefined };
