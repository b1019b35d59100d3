import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { type FunctionRecord, hasSnapStart, LATEST } from '@lambent/functions';
import { encodeRecord, type ProvisionedRecord, provisionedKey } from '@lambent/membership';
import { changeConcurrency } from './change-concurrency.ts';
import { provisioned } from './concurrency-room.ts';
import { readVersion } from './find-version.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { toProvisionedConcurrency } from './provisioned-concurrency.ts';
import {
  isProvisionedOtherwise,
  type ProvisionedRecords,
  readProvisioned,
  readStanding,
} from './provisioned-records.ts';
import { findTarget, type ProvisionedTarget, provisionedAddress } from './provisioned-target.ts';
import { alreadyProvisioned, invalidParameter, notForTenants, unpublished } from './refusals.ts';

type Input = LambdaInput<'PutProvisionedConcurrencyConfig'>;
type Output = LambdaOutput<'PutProvisionedConcurrencyConfig'>;

/** Placement carries it out, and says how it goes. */
export function putProvisionedConcurrencyConfig(backend: LambdaBackend): Handler<Input, Output> {
  return async input => {
    const { registry } = backend;
    const address = provisionedAddress(backend, input, unpublished);
    return changeConcurrency<Output>(backend, address, async (owner, before) => {
      if (owner.latest.configuration.tenantIsolation) throw notForTenants('Provisioned Concurrency');
      const target = await findTarget(backend, owner, address);
      await checkNotSnapStart(backend, owner, target);
      const known = await readProvisioned(registry, owner.id);
      checkTarget(target, known);
      const record = recordOf(backend, owner, {
        target,
        requested: input.ProvisionedConcurrentExecutions ?? 0,
        earlier: known.records.find(({ qualifier }) => qualifier === target.qualifier),
      });
      const { functionId, version, requested: slots } = record;
      const division = provisioned(before, { functionId, version, slots });
      if (division instanceof AwsError) throw division;
      const key = provisionedKey(functionId, target.qualifier);
      return {
        division,
        compare: [known.compare],
        write: [{ kind: 'put', key, value: encodeRecord(record) }],
        result: toProvisionedConcurrency(record, await readStanding(registry, record)),
      };
    });
  };
}

/** As AWS has it, a version stands by in one of the two ways. */
async function checkNotSnapStart(
  backend: LambdaBackend,
  owner: FunctionRecord,
  { version }: ProvisionedTarget,
): Promise<void> {
  const record = await readVersion(backend, owner, version);
  if (record && hasSnapStart(record))
    throw invalidParameter('Provisioned Concurrency is not supported for SnapStart enabled functions.');
}

/** Of each version, environments are kept under one name only. */
function checkTarget({ qualifier, version, alias }: ProvisionedTarget, known: ProvisionedRecords): void {
  if (alias?.version === LATEST) throw unpublished();
  if (alias?.routing)
    throw invalidParameter('Alias with weights can not be used with Provisioned Concurrency');
  if (!isProvisionedOtherwise(known, { qualifier, version })) return;
  throw alias
    ? alreadyProvisioned()
    : new AwsError('ResourceConflictException', 'Version is pointed by a Provisioned Concurrency alias');
}

function recordOf(
  { random, clock, region, accountId }: LambdaBackend,
  { id: functionId, name: functionName }: FunctionRecord,
  options: {
    readonly target: ProvisionedTarget;
    readonly requested: number;
    readonly earlier: ProvisionedRecord | undefined;
  },
): ProvisionedRecord {
  const { target, requested, earlier } = options;
  const { qualifier, version } = target;
  return {
    ...(earlier?.previousVersion !== undefined && { previousVersion: earlier.previousVersion }),
    requestId: random.uuid(),
    functionId,
    accountId,
    functionName,
    region,
    qualifier,
    requested,
    version,
    lastModifiedMs: clock.nowMs(),
  };
}
