import { AwsError, type Handler, type LambdaInput, type LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { checkLayerVersion, LayerAddress } from './layer-address.ts';

export function getLayerVersionPolicy(
  backend: LambdaBackend,
): Handler<LambdaInput<'GetLayerVersionPolicy'>, LambdaOutput<'GetLayerVersionPolicy'>> {
  return async ({ LayerName, VersionNumber }) => {
    const address = LayerAddress.of(backend, LayerName);
    const version = checkLayerVersion(VersionNumber);
    const stored = await backend.layers.read(address.name, version);
    if (!stored) throw address.versionNotFound(version);
    const { policy } = stored.record;
    if (!policy)
      throw new AwsError('ResourceNotFoundException', 'No policy is associated with the given resource.');
    return { Policy: policy.document, RevisionId: policy.revisionId };
  };
}
