import {
  type AliasRecord,
  type FunctionRecord,
  LATEST,
  withAliasChange,
  withRevision,
} from '@lambent/functions';
import { readVersion } from './find-version.ts';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { functionNotFound, invalidParameter } from './refusals.ts';

/** What a resource policy is about: a function, which is its $LATEST, a published version or an alias. */
export interface PolicyPlace {
  /** As the policy is stored under. */
  readonly qualifier: string;
  readonly arn: string;
  /** Of the function, version or alias, which changes with its policy. */
  readonly revisionId: string;
  /** What is written to change it. */
  changed(revisionId: string): {
    readonly record: FunctionRecord;
    readonly publish?: FunctionRecord['latest'];
    readonly putAlias?: AliasRecord;
  };
}

/** Throws AWS's refusal where there is no such version or alias. */
export async function policyPlace(
  backend: LambdaBackend,
  address: FunctionAddress,
  record: FunctionRecord,
): Promise<PolicyPlace> {
  const { arn, qualifier } = address;
  if (qualifier === LATEST)
    throw invalidParameter('We currently do not support adding policies for $LATEST.');
  if (qualifier === undefined)
    return {
      qualifier: LATEST,
      arn,
      revisionId: record.latest.revisionId,
      changed: revisionId => ({ record: withRevision(record, revisionId) }),
    };
  const version = await readVersion(backend, record, qualifier);
  if (version)
    return {
      qualifier,
      arn,
      revisionId: version.revisionId,
      changed: revisionId => ({ record, publish: { ...version, revisionId } }),
    };
  const alias = await backend.store.readAlias(record.id, qualifier);
  if (!alias) throw functionNotFound(arn);
  return {
    qualifier,
    arn,
    revisionId: alias.revisionId,
    changed: revisionId => ({ record: withAliasChange(record), putAlias: { ...alias, revisionId } }),
  };
}
