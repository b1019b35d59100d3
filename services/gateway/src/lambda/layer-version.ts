import type { LambdaOutput } from '@lambent/aws-api';
import type { LayerVersionRecord } from '@lambent/functions';
import { base64Digest, lambdaTime, signatureMembers } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { LayerAddress } from './layer-address.ts';

type Listed = NonNullable<LambdaOutput<'ListLayerVersions'>['LayerVersions']>[number];
type Shown = LambdaOutput<'GetLayerVersion'>;

/** A version of a layer as lists show it. */
export function listedLayerVersion(backend: LambdaBackend, record: LayerVersionRecord): Listed {
  const { compatibleRuntimes, compatibleArchitectures, licenseInfo } = record;
  return {
    LayerVersionArn: LayerAddress.of(backend, record.layerName).versionArn(record.version),
    Version: record.version,
    Description: record.description,
    CreatedDate: lambdaTime(record.createdMs),
    ...(compatibleRuntimes && {
      CompatibleRuntimes: compatibleRuntimes as NonNullable<Listed['CompatibleRuntimes']>,
    }),
    ...(compatibleArchitectures && {
      CompatibleArchitectures: compatibleArchitectures as NonNullable<Listed['CompatibleArchitectures']>,
    }),
    ...(licenseInfo !== undefined && { LicenseInfo: licenseInfo }),
  };
}

/** And as it is shown by itself, with where its content is. */
export function shownLayerVersion(
  backend: LambdaBackend,
  record: LayerVersionRecord,
  baseUrl: string,
): Shown {
  const { digest, bytes } = record.code;
  return {
    Content: {
      Location: backend.codeLinks.create(baseUrl, digest),
      CodeSha256: base64Digest(digest),
      CodeSize: bytes,
      ...signatureMembers(record.code),
    },
    LayerArn: LayerAddress.of(backend, record.layerName).arn,
    ...listedLayerVersion(backend, record),
  };
}

/** Whether it says that it is for these; one that says nothing is for none in particular. */
export function isCompatible(
  { compatibleRuntimes, compatibleArchitectures }: LayerVersionRecord,
  wanted: {
    readonly CompatibleRuntime?: string | undefined;
    readonly CompatibleArchitecture?: string | undefined;
  },
): boolean {
  const { CompatibleRuntime: runtime, CompatibleArchitecture: architecture } = wanted;
  if (runtime !== undefined && !compatibleRuntimes?.includes(runtime)) return false;
  return architecture === undefined || (compatibleArchitectures?.includes(architecture) ?? false);
}
