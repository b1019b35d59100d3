import { AwsError } from '@lambent/aws-api';
import type { FunctionRecord, VersionRecord } from '@lambent/functions';
import { readVersion } from './find-version.ts';
import type { FunctionAddress } from './function-address.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

/** The published version that a request on scaling is about; throws AWS's refusal of what does not scale so. */
export async function scaledVersion(
  backend: LambdaBackend,
  record: FunctionRecord | undefined,
  address: FunctionAddress,
): Promise<VersionRecord> {
  const { qualifier = '' } = address;
  const version = record && (await readVersion(backend, record, qualifier));
  if (!version)
    throw new AwsError('ResourceNotFoundException', `Function not found: ${address.qualified(qualifier)}`);
  if (!version.configuration.capacityProvider)
    throw invalidParameter(
      'Function scaling config is supported only for functions with a capacity provider.',
    );
  return version;
}
