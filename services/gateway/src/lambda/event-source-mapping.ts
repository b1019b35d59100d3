import { AwsError, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { formatFunctionArn } from '@lambent/core';
import { isPolled, type MappingRecord, type MappingSettings } from '@lambent/event-sources';
import { readVersion } from './find-version.ts';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

export type EventSourceMapping = LambdaOutput<'GetEventSourceMapping'>;

/** The passing states exist only in the answer to the request that caused them (docs/decisions/0002). */
export type MappingMoment = 'stored' | 'Creating' | 'Updating' | 'Enabling' | 'Disabling' | 'Deleting';

export function toEventSourceMapping(
  home: Pick<LambdaBackend, 'accountId' | 'region'>,
  record: Omit<MappingRecord, 'writeId'>,
  moment: MappingMoment,
): EventSourceMapping {
  const { uuid, functionName: name, qualifier, kind, settings, lastModifiedMs } = record;
  const { StartingPositionTimestamp: startMs, ...shown } = settings;
  return {
    UUID: uuid,
    EventSourceMappingArn: mappingArn(home, uuid),
    FunctionArn: formatFunctionArn({ ...home, name, qualifier }),
    LastModified: new Date(lastModifiedMs),
    ...(isQueue(kind) ? {} : { LastProcessingResult: 'No records processed' }),
    ...(startMs !== undefined && { StartingPositionTimestamp: new Date(startMs) }),
    ...(shown as EventSourceMapping),
    ...standing(record, moment),
  };
}

export function mappingArn({ accountId, region }: Pick<LambdaBackend, 'accountId' | 'region'>, uuid: string) {
  return `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`;
}

/** What nobody polls is not enabled, whatever its owner wants, and says why. */
function standing(
  { enabled, kind }: Pick<MappingRecord, 'enabled' | 'kind'>,
  moment: MappingMoment,
): Pick<EventSourceMapping, 'State' | 'StateTransitionReason'> {
  const byOwner = isQueue(kind) ? 'USER_INITIATED' : 'User action';
  if (moment !== 'stored') return { State: moment, StateTransitionReason: byOwner };
  if (!enabled) return { State: 'Disabled', StateTransitionReason: byOwner };
  if (isPolled(kind)) return { State: 'Enabled', StateTransitionReason: byOwner };
  return {
    State: 'Disabled',
    StateTransitionReason:
      'Lambent does not poll this kind of event source yet: the mapping is kept, and nothing is delivered.',
  };
}

function isQueue(kind: MappingRecord['kind']): boolean {
  return kind === 'sqs' || kind === 'sqs-fifo';
}

type Given = Omit<LambdaInput<'CreateEventSourceMapping'>, 'FunctionName'>;

/** What a request says of a mapping beside whose it is and whether it is wanted. */
export function givenSettings(input: Given): Record<string, unknown> {
  const { Enabled: _, Tags: __, StartingPositionTimestamp: start, ...given } = input;
  return { ...given, ...(start && { StartingPositionTimestamp: start.getTime() }) };
}

/** Throws AWS's refusal where there is no such function, version or alias. */
export async function checkTarget(backend: LambdaBackend, address: FunctionAddress): Promise<void> {
  const { name, qualifier } = address;
  const record = await backend.store.read(name);
  if (record) {
    if (qualifier === undefined || (await readVersion(backend, record, qualifier))) return;
    if (await backend.store.readAlias(record.id, qualifier)) return;
  }
  throw invalidParameter('Function does not exist');
}

export function noMapping(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
}

/** Of a source and a function there is one mapping. */
export function mappingTaken(
  { EventSourceArn, SelfManagedEventSource }: MappingSettings,
  functionArn: string,
): (uuid: string) => AwsError {
  const queue = EventSourceArn?.startsWith('arn:aws:sqs:');
  const source =
    EventSourceArn ??
    Object.values(SelfManagedEventSource?.Endpoints ?? {})
      .flat()
      .join(',');
  const pair = queue
    ? `An event source mapping with SQS arn (" ${source} ") and function (" ${functionArn} ") already exists.`
    : `The event source arn (" ${source} ") and function (" ${functionArn} ") provided mapping already exists.`;
  return uuid =>
    new AwsError(
      'ResourceConflictException',
      `${pair} Please update or delete the existing mapping with UUID ${uuid}`,
    );
}
