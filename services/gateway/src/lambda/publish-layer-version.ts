import type { Handler, LambdaInput, LambdaOutput } from '@lambent/aws-api';
import type { LambdaBackend } from './lambda-backend.ts';
import { LayerAddress } from './layer-address.ts';
import { shownLayerVersion } from './layer-version.ts';
import { unsupported } from './unsupported-members.ts';
import { checkUpload, storeUpload } from './uploaded-code.ts';

export function publishLayerVersion(
  backend: LambdaBackend,
): Handler<LambdaInput<'PublishLayerVersion'>, LambdaOutput<'PublishLayerVersion'>> {
  return async (input, { baseUrl }) => {
    const address = LayerAddress.of(backend, input.LayerName);
    const { S3Bucket, S3Key, ZipFile } = input.Content ?? {};
    if ((S3Bucket ?? S3Key) !== undefined) throw unsupported('S3Bucket and S3Key');
    const { CompatibleRuntimes, CompatibleArchitectures, LicenseInfo } = input;
    const record = await backend.layers.publish(address.name, {
      createdMs: backend.clock.nowMs(),
      description: input.Description ?? '',
      ...(CompatibleRuntimes && { compatibleRuntimes: CompatibleRuntimes }),
      ...(CompatibleArchitectures && { compatibleArchitectures: CompatibleArchitectures }),
      ...(LicenseInfo !== undefined && { licenseInfo: LicenseInfo }),
      code: await storeUpload(backend, await checkUpload(backend, ZipFile)),
    });
    return shownLayerVersion(backend, record, baseUrl);
  };
}
