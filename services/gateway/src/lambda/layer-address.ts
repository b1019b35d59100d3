import { AwsError } from '@lambent/aws-api';
import { invalidParameter } from './refusals.ts';

interface Home {
  readonly accountId: string;
  readonly region: string;
}

/** Which layer a request is about, by its name or its ARN. */
export class LayerAddress {
  readonly name: string;
  readonly #home: Home;

  private constructor(home: Home, name: string) {
    this.#home = home;
    this.name = name;
  }

  /** What stood in the path. */
  static of(home: Home, text: string | undefined): LayerAddress {
    const [, region = home.region, accountId = home.accountId, name = text ?? ''] =
      LAYER_ARN.exec(text ?? '') ?? [];
    checkHome(home, { region, accountId, arn: text });
    return new LayerAddress(home, name);
  }

  /** One version of a layer, by its ARN. AWS's own layers are not here. */
  static ofVersion(home: Home, arn: string): { readonly address: LayerAddress; readonly version: number } {
    const [, layerArn, version] = /^(.+):(\d+)$/.exec(arn) ?? [];
    if (layerArn === undefined) throw denied(arn);
    return { address: LayerAddress.of(home, layerArn), version: Number(version) };
  }

  get arn(): string {
    const { region, accountId } = this.#home;
    return `arn:aws:lambda:${region}:${accountId}:layer:${this.name}`;
  }

  versionArn(version: number): string {
    return `${this.arn}:${version}`;
  }

  /** Where a version's permissions are looked up. */
  versionNotFound(version: number): AwsError {
    return new AwsError(
      'ResourceNotFoundException',
      `Layer version ${this.versionArn(version)} does not exist.`,
    );
  }
}

/** Versions are counted from 1. */
export function checkLayerVersion(version: number | undefined): number {
  if (version === undefined || version < 1) throw invalidParameter('Layer Version Cannot be less than 1');
  return version;
}

function checkHome(
  home: Home,
  { region, accountId, arn }: Home & { readonly arn: string | undefined },
): void {
  if (region !== home.region)
    throw invalidParameter(
      `Layers are not in the same region as the function. Layers are expected to be in region ${home.region}.`,
    );
  if (accountId !== home.accountId) throw denied(arn);
}

function denied(arn: string | undefined): AwsError {
  return new AwsError(
    'AccessDeniedException',
    `The caller is not authorized to perform: lambda:GetLayerVersion on resource: ${arn} because no resource-based policy allows the lambda:GetLayerVersion action`,
  );
}

const LAYER_ARN = /^arn:[^:]+:lambda:([^:]+):(\d{12}):layer:([^:]+)$/;
