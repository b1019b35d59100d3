import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkLayerVersion, LayerAddress } from './layer-address.ts';
import { shownLayerVersion } from './layer-version.ts';
import { readLayerVersion } from './read-layer-version.ts';

export function getLayerVersion(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetLayerVersion'>, LambdaOutput<'GetLayerVersion'>> {
  return async ({ LayerName, VersionNumber }, { baseUrl }) => {
    const address = LayerAddress.of(backend, LayerName);
    const record = await readLayerVersion(backend, address, checkLayerVersion(VersionNumber));
    return shownLayerVersion(backend, record, baseUrl);
  };
}
