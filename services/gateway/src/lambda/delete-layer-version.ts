import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkLayerVersion, LayerAddress } from './layer-address.ts';

export function deleteLayerVersion(
  backend: LambdaBackend,
): Handler<LambdaInput<'DeleteLayerVersion'>, LambdaOutput<'DeleteLayerVersion'>> {
  return async ({ LayerName, VersionNumber }) => {
    const { name } = LayerAddress.of(backend, LayerName);
    await backend.layers.delete(name, checkLayerVersion(VersionNumber));
    return {};
  };
}
