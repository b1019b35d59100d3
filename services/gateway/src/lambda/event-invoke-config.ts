import { AwsError, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import { type EventInvokeRecord, type FunctionRecord, LATEST } from '@lambent/functions';
import { readVersion } from './find-version.ts';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

type Input = LambdaInput<'PutFunctionEventInvokeConfig'>;
type Output = LambdaOutput<'PutFunctionEventInvokeConfig'>;

export function toEventInvokeConfig(address: FunctionAddress, record: EventInvokeRecord): Output {
  const { qualifier, lastModifiedMs, maximumRetryAttempts, maximumEventAgeSeconds } = record;
  return {
    LastModified: new Date(lastModifiedMs),
    FunctionArn: address.qualified(qualifier),
    ...(maximumRetryAttempts !== undefined && { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(maximumEventAgeSeconds !== undefined && { MaximumEventAgeInSeconds: maximumEventAgeSeconds }),
    DestinationConfig: { OnSuccess: {}, OnFailure: {} },
  };
}

/** What a request chooses. Destinations are refused: nothing would arrive there. */
export function chosenRetries({
  MaximumRetryAttempts,
  MaximumEventAgeInSeconds,
  DestinationConfig,
}: Input): Pick<EventInvokeRecord, 'maximumRetryAttempts' | 'maximumEventAgeSeconds'> {
  if (DestinationConfig?.OnSuccess?.Destination ?? DestinationConfig?.OnFailure?.Destination)
    throw invalidParameter('DestinationConfig: not supported by Lambent yet.');
  if (MaximumRetryAttempts === undefined && MaximumEventAgeInSeconds === undefined && !DestinationConfig)
    throw invalidParameter('You must specify at least one of error handling or destination setting.');
  return {
    ...(MaximumRetryAttempts !== undefined && { maximumRetryAttempts: MaximumRetryAttempts }),
    ...(MaximumEventAgeInSeconds !== undefined && { maximumEventAgeSeconds: MaximumEventAgeInSeconds }),
  };
}

/** Throws AWS's refusal where there is no such version or alias. */
export async function checkQualifier(
  backend: LambdaBackend,
  record: FunctionRecord,
  qualifier: string,
): Promise<void> {
  if (await readVersion(backend, record, qualifier)) return;
  if (await backend.store.readAlias(record.id, qualifier)) return;
  throw nothingToConfigure();
}

export function nothingToConfigure(): AwsError {
  return new AwsError('ResourceNotFoundException', "The function doesn't exist.");
}

export function noEventInvokeConfig(address: FunctionAddress): AwsError {
  const arn = address.qualified(address.qualifier ?? LATEST);
  return new AwsError('ResourceNotFoundException', `The function ${arn} doesn't have an EventInvokeConfig`);
}
