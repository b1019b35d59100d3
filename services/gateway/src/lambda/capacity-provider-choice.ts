import type { LambdaInput } from '@lambent/aws-api';
import type { VersionConfiguration } from '@lambent/functions';
import { readCapacityProvider } from './capacity-provider.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

type Chosen = NonNullable<VersionConfiguration['capacityProvider']>;
type Given = LambdaInput<'CreateFunction'>['CapacityProviderConfig'];

/** What a request chooses of where a function runs; throws where there is no such provider. */
export async function chooseCapacityProvider(
  backend: LambdaBackend,
  given: Given,
): Promise<Chosen | undefined> {
  const config = given?.LambdaManagedInstancesCapacityProviderConfig;
  if (!config?.CapacityProviderArn) return undefined;
  await readCapacityProvider(backend, config.CapacityProviderArn);
  const { PerExecutionEnvironmentMaxConcurrency: concurrency, ExecutionEnvironmentMemoryGiBPerVCpu: ratio } =
    config;
  return {
    arn: config.CapacityProviderArn,
    ...(concurrency !== undefined && { environmentConcurrencyMax: concurrency }),
    ...(ratio !== undefined && { memoryGibPerVCpu: ratio }),
  };
}

/** A function is made for a capacity provider or for none; which one may change. */
export function withCapacityProvider(
  configuration: VersionConfiguration,
  chosen: Chosen | undefined,
): VersionConfiguration {
  if (!chosen) return configuration;
  if (!configuration.capacityProvider)
    throw invalidParameter('CapacityProviderConfig can be specified only when a function is created.');
  return { ...configuration, capacityProvider: { ...configuration.capacityProvider, ...chosen } };
}
