import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { LayerAddress } from './layer-address.ts';
import { shownLayerVersion } from './layer-version.ts';
import { readLayerVersion } from './read-layer-version.ts';

export function getLayerVersionByArn(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetLayerVersionByArn'>, LambdaOutput<'GetLayerVersionByArn'>> {
  return async ({ Arn = '' }, { baseUrl }) => {
    const { address, version } = LayerAddress.ofVersion(backend, Arn);
    return shownLayerVersion(backend, await readLayerVersion(backend, address, version), baseUrl);
  };
}
