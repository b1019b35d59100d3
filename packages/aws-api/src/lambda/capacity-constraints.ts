import type { Constraint, Constraints, ConstraintTable } from '../constraint.ts';
import { REGION, UNQUALIFIED_FUNCTION_NAME } from './member-constraints.ts';

/** Of the operations on capacity providers, from AWS's own API model. */

const NAME: Constraint = {
  min: 1,
  max: 140,
  pattern: `(arn:aws[a-zA-Z-]*:lambda:${REGION}:\\d{12}:capacity-provider:[a-zA-Z0-9-_]+)|[a-zA-Z0-9-_]+`,
};
const MAX_ITEMS: Constraint = { min: 1, max: 50, integer: true };
const INSTANCE_TYPE: Constraint = { min: 1, max: 30, pattern: '[a-zA-Z0-9\\.\\*\\-]+' };
const ENVIRONMENTS: Constraint = { min: 0, max: 15_000, integer: true };

/** What a provider is created with and updated with. */
const SETTINGS: Constraints = {
  CapacityProviderName: NAME,
  'CapacityProviderScalingConfig.MaxVCpuCount': { min: 2, max: 15_000, integer: true },
  'CapacityProviderScalingConfig.ScalingMode': { enum: ['Auto', 'Manual'] },
  'CapacityProviderScalingConfig.ScalingPolicies': { min: 1, max: 10 },
  'CapacityProviderScalingConfig.ScalingPolicies.member.PredefinedMetricType': {
    enum: ['LambdaCapacityProviderAverageCPUUtilization', 'LambdaCapacityProviderAverageGPUUtilization'],
  },
  'CapacityProviderScalingConfig.ScalingPolicies.member.TargetValue': { min: 0, max: 100 },
  'PropagateTags.Mode': { enum: ['None', 'Explicit'] },
  'PropagateTags.ExplicitTags': { min: 0, max: 40 },
  'TelemetryConfig.LoggingConfig.SystemLogLevel': { enum: ['DEBUG', 'INFO', 'WARN'] },
  'TelemetryConfig.LoggingConfig.LogGroup': { min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' },
};

const SCALED: Constraints = {
  FunctionName: UNQUALIFIED_FUNCTION_NAME,
  Qualifier: { min: 1, max: 128, pattern: '(\\$LATEST\\.PUBLISHED|[0-9]+)' },
};

export const CAPACITY_CONSTRAINTS: ConstraintTable = {
  CreateCapacityProvider: {
    ...SETTINGS,
    'VpcConfig.SubnetIds': { min: 1, max: 16 },
    'VpcConfig.SubnetIds.member': { min: 0, max: 1_024, pattern: 'subnet-[0-9a-z]*' },
    'VpcConfig.SecurityGroupIds': { min: 0, max: 5 },
    'VpcConfig.SecurityGroupIds.member': { min: 0, max: 1_024, pattern: 'sg-[0-9a-zA-Z]*' },
    'PermissionsConfig.CapacityProviderOperatorRoleArn': {
      min: 0,
      max: 10_000,
      pattern: 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+',
    },
    'InstanceRequirements.Architectures': { min: 1, max: 1 },
    'InstanceRequirements.Architectures.member': { enum: ['x86_64', 'arm64'] },
    'InstanceRequirements.AllowedInstanceTypes': { min: 0, max: 400 },
    'InstanceRequirements.AllowedInstanceTypes.member': INSTANCE_TYPE,
    'InstanceRequirements.ExcludedInstanceTypes': { min: 0, max: 400 },
    'InstanceRequirements.ExcludedInstanceTypes.member': INSTANCE_TYPE,
    KmsKeyArn: { min: 0, max: 10_000, pattern: 'arn:(aws[a-zA-Z-]*)?:[a-z0-9-.]+:.*' },
  },
  UpdateCapacityProvider: SETTINGS,
  GetCapacityProvider: { CapacityProviderName: NAME },
  DeleteCapacityProvider: { CapacityProviderName: NAME },
  ListCapacityProviders: {
    State: { enum: ['Pending', 'Active', 'Failed', 'Deleting'] },
    MaxItems: MAX_ITEMS,
  },
  ListFunctionVersionsByCapacityProvider: { CapacityProviderName: NAME, MaxItems: MAX_ITEMS },
  GetFunctionScalingConfig: SCALED,
  PutFunctionScalingConfig: {
    ...SCALED,
    'FunctionScalingConfig.MinExecutionEnvironments': ENVIRONMENTS,
    'FunctionScalingConfig.MaxExecutionEnvironments': ENVIRONMENTS,
  },
};
