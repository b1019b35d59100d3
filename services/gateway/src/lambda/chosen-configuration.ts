import type { LambdaInput } from '@lambent/aws-api';
import type { VersionConfiguration } from '@lambent/functions';
import { checkRuntime } from './deprecated-runtimes.ts';
import { checkVariables } from './environment-variables.ts';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';
import { checkSnapStart } from './snap-start.ts';

/** The members that creating and updating share. */
type Choices = Partial<Omit<LambdaInput<'UpdateFunctionConfiguration'>, 'FunctionName' | 'RevisionId'>>;

/** AWS's defaults. Runtime, handler and role have none. */
export const DEFAULT_CONFIGURATION: VersionConfiguration = {
  runtime: '',
  handler: '',
  role: '',
  description: '',
  timeoutSeconds: 3,
  memoryMb: 128,
  ephemeralStorageMb: 512,
  architecture: 'x86_64',
  logging: { format: 'Text' },
  tracingMode: 'PassThrough',
  snapStart: 'None',
};

/** What is configured after a request, but for layers: members that it gives replace what was there, as a whole. */
export function chosenConfiguration(
  { quotas }: Pick<LambdaBackend, 'quotas'>,
  base: VersionConfiguration,
  input: Choices,
): VersionConfiguration {
  if (input.Runtime !== undefined) checkRuntime(input.Runtime);
  const variables = input.Environment ? { ...input.Environment.Variables } : base.variables;
  if (input.Environment) checkVariables(quotas, variables ?? {});
  const [runtime, snapStart] = [input.Runtime ?? base.runtime, input.SnapStart?.ApplyOn ?? base.snapStart];
  const { tenantIsolation, capacityProvider } = base;
  checkSnapStart({ runtime, snapStart, ...(tenantIsolation && { tenantIsolation }) });
  const kmsKeyArn = input.KMSKeyArn ?? base.kmsKeyArn;
  const vpc = chosenVpc(base.vpc, input.VpcConfig);
  return {
    runtime,
    handler: input.Handler ?? base.handler,
    role: input.Role ?? base.role,
    description: input.Description ?? base.description,
    timeoutSeconds: input.Timeout ?? base.timeoutSeconds,
    memoryMb: input.MemorySize ?? base.memoryMb,
    ephemeralStorageMb: input.EphemeralStorage?.Size ?? base.ephemeralStorageMb,
    architecture: base.architecture,
    ...(variables && { variables }),
    logging: chosenLogging(base.logging, input.LoggingConfig),
    tracingMode: input.TracingConfig?.Mode ?? base.tracingMode,
    snapStart,
    ...(tenantIsolation && { tenantIsolation }),
    ...(capacityProvider && { capacityProvider }),
    // An empty ARN takes the key away.
    ...(kmsKeyArn && { kmsKeyArn }),
    ...(vpc && { vpc }),
  };
}

type Logging = VersionConfiguration['logging'];

/** The one part that is merged member by member. Levels belong to JSON: they come with it and go with it. */
function chosenLogging(base: Logging, input: Choices['LoggingConfig']): Logging {
  const format = input?.LogFormat ?? base.format;
  const group = input?.LogGroup ?? base.group;
  if (format === 'Text') {
    if (input?.ApplicationLogLevel || input?.SystemLogLevel)
      throw invalidParameter(
        'LogLevel is not supported when LogFormat is set to "Text". Remove LogLevel from your request or change the LogFormat to "JSON" and try again.',
      );
    return { format, ...(group !== undefined && { group }) };
  }
  return {
    format,
    ...(group !== undefined && { group }),
    applicationLevel: input?.ApplicationLogLevel ?? base.applicationLevel ?? 'INFO',
    systemLevel: input?.SystemLogLevel ?? base.systemLevel ?? 'INFO',
  };
}

function chosenVpc(
  base: VersionConfiguration['vpc'],
  input: Choices['VpcConfig'],
): VersionConfiguration['vpc'] {
  if (!input) return base;
  return {
    subnetIds: input.SubnetIds ?? base?.subnetIds ?? [],
    securityGroupIds: input.SecurityGroupIds ?? base?.securityGroupIds ?? [],
    ipv6Allowed: input.Ipv6AllowedForDualStack ?? base?.ipv6Allowed ?? false,
  };
}
