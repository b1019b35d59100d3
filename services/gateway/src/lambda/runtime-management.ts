import type { LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { RuntimeUpdate, VersionRecord } from '@lambent/functions';
import type { FunctionAddress } from './function-address.ts';
import { runtimeVersionArn } from './function-configuration.ts';
import { invalidParameter } from './refusals.ts';

export function toRuntimeManagementConfig(
  address: FunctionAddress,
  { version, runtimeUpdate = { on: 'Auto' } }: Pick<VersionRecord, 'version' | 'runtimeUpdate'>,
): LambdaOutput<'PutRuntimeManagementConfig'> {
  return {
    UpdateRuntimeOn: runtimeUpdate.on,
    FunctionArn: address.qualified(version),
    ...(runtimeUpdate.on === 'Manual' && { RuntimeVersionArn: runtimeUpdate.runtimeVersionArn }),
  };
}

/** What a request chooses for a version: a runtime is named where it is to stay that one, and nowhere else. */
export function chosenRuntimeUpdate(
  input: LambdaInput<'PutRuntimeManagementConfig'>,
  { configuration: { runtime } }: VersionRecord,
  region: string,
): RuntimeUpdate {
  const { UpdateRuntimeOn: on = 'Auto', RuntimeVersionArn: arn } = input;
  if (on !== 'Manual') {
    if (arn !== undefined)
      throw invalidParameter('RuntimeVersionArn can be specified only when UpdateRuntimeOn is Manual.');
    return { on };
  }
  if (arn === undefined)
    throw invalidParameter('RuntimeVersionArn must be specified when UpdateRuntimeOn is Manual.');
  if (arn !== runtimeVersionArn(runtime, region))
    throw invalidParameter(`The runtime version ${arn} does not exist for the runtime ${runtime}.`);
  return { on, runtimeVersionArn: arn };
}
