import { AwsError } from '@lambent/aws-api';
import { type Outcome, RESTORE_ERRORS } from '@lambent/core';
import {
  environmentSpecOf,
  type FunctionRecord,
  hasSnapStart,
  type VersionConfiguration,
  type VersionRecord,
} from '@lambent/functions';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter, notForTenants } from './refusals.ts';

/** AWS has SnapStart for Java from 11, Python from 3.12 and .NET from 8. */
const RUNTIMES = /^(java(1[1-9]|[2-9]\d)(\.|$)|python3\.(1[2-9]|[2-9]\d)$|dotnet([89]|[1-9]\d)$)/;

export function checkSnapStart({
  runtime,
  snapStart,
  tenantIsolation,
}: Pick<VersionConfiguration, 'runtime' | 'snapStart' | 'tenantIsolation'>): void {
  if (snapStart === 'None') return;
  if (tenantIsolation) throw notForTenants('SnapStart');
  if (RUNTIMES.test(runtime)) return;
  throw invalidParameter(`${runtime} is not supported for SnapStart enabled functions.`);
}

/** A version that was just published: an environment of it stands by before anybody asks for one. */
export function standBy(
  { region, prepare }: LambdaBackend,
  { record, version }: { readonly record: FunctionRecord; readonly version: VersionRecord },
): void {
  if (hasSnapStart(version)) prepare(environmentSpecOf(record, version, region));
}

/** AWS's errors where a run did not begin, since restoring its environment failed. */
export function restoreError(outcome: Outcome): AwsError | undefined {
  if (outcome.kind !== 'unhandled') return undefined;
  if (outcome.errorType === RESTORE_ERRORS.failed)
    return new AwsError(
      'SnapStartException',
      'The afterRestore() runtime hook encountered an error. For more information, check the Amazon CloudWatch logs.',
    );
  if (outcome.errorType === RESTORE_ERRORS.timedOut)
    return new AwsError(
      'SnapStartTimeoutException',
      "Lambda couldn't restore the snapshot within the timeout limit.",
    );
  return undefined;
}
