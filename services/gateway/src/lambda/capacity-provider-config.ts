import type { LambdaOutput } from '@lambent/aws-api';
import type { VersionConfiguration } from '@lambent/functions';

/** Where a function runs, as AWS shows it. */
export function toCapacityProviderConfig({
  arn,
  environmentConcurrencyMax,
  memoryGibPerVCpu,
}: NonNullable<VersionConfiguration['capacityProvider']>): NonNullable<
  LambdaOutput<'GetFunctionConfiguration'>['CapacityProviderConfig']
> {
  return {
    LambdaManagedInstancesCapacityProviderConfig: {
      CapacityProviderArn: arn,
      ...(environmentConcurrencyMax !== undefined && {
        PerExecutionEnvironmentMaxConcurrency: environmentConcurrencyMax,
      }),
      ...(memoryGibPerVCpu !== undefined && { ExecutionEnvironmentMemoryGiBPerVCpu: memoryGibPerVCpu }),
    },
  };
}
