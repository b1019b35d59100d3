import { AwsError } from '@lambent/aws-api';
import type { LayerVersionRecord } from '@lambent/functions';
import type { LambdaBackend } from './lambda-backend.ts';
import type { LayerAddress } from './layer-address.ts';

/** Throws AWS's refusal where there is no such version. */
export async function readLayerVersion(
  { layers }: LambdaBackend,
  { name }: LayerAddress,
  version: number,
): Promise<LayerVersionRecord> {
  const stored = await layers.read(name, version);
  if (!stored) throw new AwsError('ResourceNotFoundException', 'The resource you requested does not exist.');
  return stored.record;
}
