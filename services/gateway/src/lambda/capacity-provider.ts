import { AwsError, type LambdaOutput } from '@lambent/aws-api';
import type { CapacityProviderRecord, CapacitySettings } from '@lambent/functions';
import { lambdaTime } from './function-configuration.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

type Shown = LambdaOutput<'GetCapacityProvider'>;
type Home = Pick<LambdaBackend, 'accountId' | 'region'>;

/** The passing states exist only in the answer to the request that caused them (docs/decisions/0002). */
export function toCapacityProvider(
  home: Home,
  { name, lastModifiedMs, settings }: Omit<CapacityProviderRecord, 'writeId'>,
  state: 'Active' | 'Pending' | 'Deleting',
): NonNullable<Shown['CapacityProvider']> {
  return {
    CapacityProviderArn: capacityProviderArn(home, name),
    State: state,
    LastModified: lambdaTime(lastModifiedMs),
    ...(settings as Pick<NonNullable<Shown['CapacityProvider']>, keyof CapacitySettings>),
  };
}

export function capacityProviderArn({ accountId, region }: Home, name: string): string {
  return `arn:aws:lambda:${region}:${accountId}:capacity-provider:${name}`;
}

/** The name in what a request gives, which is that or an ARN. Throws for one of elsewhere. */
export function capacityProviderName(home: Home, given = ''): string {
  const name = given.split(':').at(-1) ?? '';
  if (given !== name && given !== capacityProviderArn(home, name)) throw noCapacityProvider(given);
  return name;
}

export function noCapacityProvider(given: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Capacity provider not found: ${given}`);
}

export async function readCapacityProvider(
  backend: LambdaBackend,
  given: string | undefined,
): Promise<CapacityProviderRecord> {
  const name = capacityProviderName(backend, given);
  const record = await backend.capacityProviders.read(name);
  if (!record) throw noCapacityProvider(capacityProviderArn(backend, name));
  return record;
}

/** AWS's, where a request says nothing of it. */
const SCALING: CapacitySettings['CapacityProviderScalingConfig'] = { MaxVCpuCount: 400, ScalingMode: 'Auto' };

/** What a request chooses of how it grows. */
export function chosenScaling(
  given: CapacitySettings['CapacityProviderScalingConfig'] = {},
): CapacitySettings['CapacityProviderScalingConfig'] {
  const scaling = { ...SCALING, ...given };
  if (scaling.ScalingMode === 'Manual' && !scaling.ScalingPolicies)
    throw invalidParameter('ScalingPolicies must be specified when ScalingMode is Manual.');
  if (scaling.ScalingMode === 'Auto' && scaling.ScalingPolicies)
    throw invalidParameter('ScalingPolicies can be specified only when ScalingMode is Manual.');
  return scaling;
}

export function checkInstances(instances: CapacitySettings['InstanceRequirements']): void {
  if (instances?.AllowedInstanceTypes?.length && instances.ExcludedInstanceTypes?.length)
    throw invalidParameter('AllowedInstanceTypes and ExcludedInstanceTypes cannot be used together.');
}
