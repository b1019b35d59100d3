import { AWS_QUOTAS, parseFunctionIdentifier, type Quotas } from '@lambent/core';
import type { Constraint, Constraints, ConstraintTable } from '../constraint.ts';
import { CAPACITY_CONSTRAINTS } from './capacity-constraints.ts';
import { EVENT_SOURCE_CONSTRAINTS } from './event-source-constraints.ts';
import {
  ALIAS,
  ANY_ARN,
  CODE_SIGNING_CONFIG_ARN,
  DESCRIPTION,
  FUNCTION_NAME,
  LAYER_NAME,
  LAYER_VERSION_ARN,
  LOG_TYPE,
  MAX_ITEMS,
  NAMESPACED_FUNCTION_NAME,
  PUBLISH_TO,
  QUALIFIER,
  REGION,
  TENANT_ID,
  UNQUALIFIED_FUNCTION_NAME,
  VERSION,
} from './member-constraints.ts';
import { LAMBDA_RUNTIMES } from './runtimes.ts';

/**
 * What Lambda's schemas lack, from AWS's own API model. Where the answers of AWS are known to be narrower than the
 * model (a function of more than 900 s or 10,240 MB needs managed instances, which are not here), they win.
 */

const STATEMENT_ID: Constraint = { min: 1, max: 100, pattern: '([a-zA-Z0-9-_]+)' };
const POLICY_RESOURCE: Constraint = {
  min: 0,
  max: 256,
  pattern: `arn:(aws[a-zA-Z-]*):lambda:${REGION}:\\d{12}:function:[a-zA-Z0-9-_]+(:(\\$LATEST(\\.PUBLISHED)?|[a-zA-Z0-9-_])+)?`,
};
const TAGGABLE: Constraint = {
  min: 1,
  max: 256,
  pattern: `arn:(aws[a-zA-Z-]*):lambda:${REGION}:\\d{12}:(function:[a-zA-Z0-9-_]+(:(\\$LATEST|[a-zA-Z0-9-_]+))?|code-signing-config:csc-[a-z0-9]{17}|event-source-mapping:[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|capacity-provider:[a-zA-Z0-9-_]+)`,
};

const ARCHITECTURES: Constraints = {
  Architectures: { min: 1, max: 1 },
  'Architectures.member': { enum: ['x86_64', 'arm64'] },
};

/** Where a package comes from: members of `Code` when a function is created, of the input itself afterwards. */
const S3_BUCKET: Constraint = { min: 3, max: 63, pattern: '[0-9A-Za-z\\.\\-_]*(?<!\\.)' };
const S3_KEY: Constraint = { min: 1, max: 1_024 };

/** A function's version or alias, where a version that may change is refused in words of its own. */
const QUALIFIED: Constraints = { FunctionName: FUNCTION_NAME, Qualifier: QUALIFIER };

const FUNCTION_URL: Constraints = {
  ...QUALIFIED,
  AuthType: { enum: ['NONE', 'AWS_IAM'] },
  InvokeMode: { enum: ['BUFFERED', 'RESPONSE_STREAM'] },
  'Cors.AllowHeaders': { max: 100 },
  'Cors.AllowHeaders.member': { max: 1_024, pattern: '.*' },
  'Cors.AllowMethods': { max: 6 },
  'Cors.AllowMethods.member': { max: 6, pattern: '.*' },
  'Cors.AllowOrigins': { max: 100 },
  'Cors.AllowOrigins.member': { min: 1, max: 253, pattern: '.*' },
  'Cors.ExposeHeaders': { max: 100 },
  'Cors.ExposeHeaders.member': { max: 1_024, pattern: '.*' },
  'Cors.MaxAge': { min: 0, max: 86_400, integer: true },
};

/** How events are tried again. */
const EVENT_INVOKE: Constraints = {
  ...QUALIFIED,
  MaximumRetryAttempts: { min: 0, max: 2, integer: true },
  MaximumEventAgeInSeconds: { min: 60, max: 21_600, integer: true },
};

/** What an alias is created with and updated with. */
const ALIAS_CHOICES: Constraints = {
  FunctionName: FUNCTION_NAME,
  Name: ALIAS,
  FunctionVersion: VERSION,
  Description: DESCRIPTION,
  'RoutingConfig.AdditionalVersionWeights.key': { min: 1, max: 1_024, pattern: '[0-9]+' },
  'RoutingConfig.AdditionalVersionWeights.value': { min: 0, max: 1 },
};

/** Whose signatures are trusted. */
const CODE_SIGNING: Constraints = {
  Description: DESCRIPTION,
  'AllowedPublishers.SigningProfileVersionArns': { min: 1, max: 20 },
  'AllowedPublishers.SigningProfileVersionArns.member': {
    pattern:
      'arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)',
  },
  'CodeSigningPolicies.UntrustedArtifactOnDeployment': { enum: ['Warn', 'Enforce'] },
};

const LAYER_VERSION: Constraints = { LayerName: LAYER_NAME, VersionNumber: { integer: true } };
const LAYER_FILTER: Constraints = {
  CompatibleRuntime: { enum: LAMBDA_RUNTIMES },
  CompatibleArchitecture: { enum: ['x86_64', 'arm64'] },
  MaxItems: { min: 1, max: 50, integer: true },
};

/** What a function is created with and its configuration updated with. */
const CONFIGURATION: Constraints = {
  Runtime: { refuse: refuseUnknownRuntime },
  Role: { pattern: 'arn:(aws[a-zA-Z-]*)?:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+' },
  Handler: { min: 0, max: 128, pattern: '[^\\s]+' },
  Description: DESCRIPTION,
  Timeout: { min: 1, max: AWS_QUOTAS.timeoutSeconds, integer: true },
  MemorySize: { min: 128, max: AWS_QUOTAS.memoryMb, integer: true },
  'VpcConfig.SubnetIds': { min: 0, max: 16 },
  'VpcConfig.SecurityGroupIds': { min: 0, max: 5 },
  'DeadLetterConfig.TargetArn': ANY_ARN,
  'Environment.Variables': { sensitive: true },
  'Environment.Variables.key': { pattern: '[a-zA-Z]([a-zA-Z0-9_])+' },
  KMSKeyArn: ANY_ARN,
  'TracingConfig.Mode': { enum: ['Active', 'PassThrough'] },
  'Layers.member': LAYER_VERSION_ARN,
  FileSystemConfigs: { min: 0, max: 1 },
  'FileSystemConfigs.member.Arn': {
    min: 0,
    max: 256,
    pattern:
      'arn:aws[a-zA-Z-]*:elasticfilesystem:[a-z]{2}((-gov)|(-iso(b?)))?-[a-z]+-\\d{1}:\\d{12}:access-point/fsap-[a-f0-9]{17}$|^arn:aws[-a-z]*:s3files:[0-9a-z-:]+:file-system/fs-[0-9a-f]{17,40}/access-point/fsap-[0-9a-f]{17,40}',
  },
  'FileSystemConfigs.member.LocalMountPath': { min: 0, max: 160, pattern: '/mnt/[a-zA-Z0-9-_.]+' },
  'ImageConfig.EntryPoint': { min: 0, max: 1_500 },
  'ImageConfig.Command': { min: 0, max: 1_500 },
  'ImageConfig.WorkingDirectory': { min: 0, max: 1_000 },
  'EphemeralStorage.Size': { min: 512, max: AWS_QUOTAS.ephemeralStorageMb, integer: true },
  'SnapStart.ApplyOn': { enum: ['PublishedVersions', 'None'] },
  'LoggingConfig.LogFormat': { enum: ['JSON', 'Text'] },
  'LoggingConfig.ApplicationLogLevel': { enum: ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] },
  'LoggingConfig.SystemLogLevel': { enum: ['DEBUG', 'INFO', 'WARN'] },
  'LoggingConfig.LogGroup': { min: 1, max: 512, pattern: '[\\.\\-_/#A-Za-z0-9]+' },
  'CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig.CapacityProviderArn': {
    min: 1,
    max: 140,
    pattern: `arn:aws[a-zA-Z-]*:lambda:${REGION}:\\d{12}:capacity-provider:[a-zA-Z0-9-_]+`,
  },
  'CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig.PerExecutionEnvironmentMaxConcurrency':
    {
      min: 1,
      max: 1_600,
      integer: true,
    },
  'CapacityProviderConfig.LambdaManagedInstancesCapacityProviderConfig.ExecutionEnvironmentMemoryGiBPerVCpu':
    {
      min: 2,
      max: 8,
    },
  'DurableConfig.RetentionPeriodInDays': { min: 1, max: 90, integer: true },
  'DurableConfig.ExecutionTimeout': { min: 1, max: 31_622_400, integer: true },
};

export const LAMBDA_CONSTRAINTS: ConstraintTable = {
  ...CAPACITY_CONSTRAINTS,
  ...EVENT_SOURCE_CONSTRAINTS,
  CreateFunction: {
    ...CONFIGURATION,
    ...ARCHITECTURES,
    FunctionName: { ...FUNCTION_NAME, refuse: refuseLongName },
    'Code.S3Bucket': S3_BUCKET,
    'Code.S3Key': S3_KEY,
    'Code.S3ObjectVersion': S3_KEY,
    'Code.SourceKMSKeyArn': ANY_ARN,
    PackageType: { enum: ['Zip', 'Image'] },
    CodeSigningConfigArn: CODE_SIGNING_CONFIG_ARN,
    PublishTo: PUBLISH_TO,
    'TenancyConfig.TenantIsolationMode': { enum: ['PER_TENANT'] },
  },
  GetFunction: { FunctionName: NAMESPACED_FUNCTION_NAME, Qualifier: QUALIFIER },
  GetFunctionConfiguration: { FunctionName: NAMESPACED_FUNCTION_NAME, Qualifier: QUALIFIER },
  ListFunctions: {
    MasterRegion: { pattern: 'ALL|[a-z]{2}(-gov)?-[a-z]+-\\d{1}' },
    FunctionVersion: { enum: ['ALL'] },
    MaxItems: MAX_ITEMS,
  },
  UpdateFunctionCode: {
    ...ARCHITECTURES,
    FunctionName: FUNCTION_NAME,
    S3Bucket: S3_BUCKET,
    S3Key: S3_KEY,
    S3ObjectVersion: S3_KEY,
    SourceKMSKeyArn: ANY_ARN,
    PublishTo: PUBLISH_TO,
  },
  UpdateFunctionConfiguration: { ...CONFIGURATION, FunctionName: FUNCTION_NAME },
  DeleteFunction: { FunctionName: NAMESPACED_FUNCTION_NAME, Qualifier: QUALIFIER },
  PublishVersion: { FunctionName: FUNCTION_NAME, Description: DESCRIPTION, PublishTo: PUBLISH_TO },
  ListVersionsByFunction: { FunctionName: NAMESPACED_FUNCTION_NAME, MaxItems: MAX_ITEMS },
  CreateAlias: ALIAS_CHOICES,
  UpdateAlias: ALIAS_CHOICES,
  GetAlias: { FunctionName: FUNCTION_NAME, Name: ALIAS },
  DeleteAlias: { FunctionName: FUNCTION_NAME, Name: ALIAS },
  ListAliases: { FunctionName: FUNCTION_NAME, FunctionVersion: VERSION, MaxItems: MAX_ITEMS },
  PutFunctionConcurrency: {
    FunctionName: FUNCTION_NAME,
    ReservedConcurrentExecutions: { min: 0, integer: true },
  },
  GetFunctionConcurrency: { FunctionName: FUNCTION_NAME },
  DeleteFunctionConcurrency: { FunctionName: FUNCTION_NAME },
  PutProvisionedConcurrencyConfig: {
    ...QUALIFIED,
    ProvisionedConcurrentExecutions: { min: 1, integer: true },
  },
  GetProvisionedConcurrencyConfig: QUALIFIED,
  DeleteProvisionedConcurrencyConfig: QUALIFIED,
  ListProvisionedConcurrencyConfigs: {
    FunctionName: FUNCTION_NAME,
    MaxItems: { min: 1, max: 50, integer: true },
  },
  Invoke: {
    FunctionName: NAMESPACED_FUNCTION_NAME,
    InvocationType: { enum: ['Event', 'RequestResponse', 'DryRun'] },
    LogType: LOG_TYPE,
    DurableExecutionName: { min: 1, max: 64, pattern: '[a-zA-Z0-9-_]+' },
    Qualifier: QUALIFIER,
    TenantId: TENANT_ID,
  },
  InvokeAsync: { FunctionName: NAMESPACED_FUNCTION_NAME },
  InvokeWithResponseStream: {
    FunctionName: NAMESPACED_FUNCTION_NAME,
    InvocationType: { enum: ['RequestResponse', 'DryRun'] },
    LogType: LOG_TYPE,
    Qualifier: QUALIFIER,
    TenantId: TENANT_ID,
  },
  GetFunctionCodeSigningConfig: { FunctionName: NAMESPACED_FUNCTION_NAME },
  AddPermission: {
    ...QUALIFIED,
    StatementId: STATEMENT_ID,
    Action: { pattern: '(lambda:[*]|lambda:[a-zA-Z]+|[*])' },
    Principal: { pattern: '[^\\s]+' },
    SourceArn: {
      pattern:
        'arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\\d{1})?:(\\d{12})?:(.*)',
    },
    SourceAccount: { max: 12, pattern: '\\d{12}' },
    EventSourceToken: { min: 0, max: 256, pattern: '[a-zA-Z0-9._\\-]+' },
    PrincipalOrgID: { min: 12, max: 34, pattern: 'o-[a-z0-9]{10,32}' },
    FunctionUrlAuthType: { enum: ['NONE', 'AWS_IAM'] },
  },
  RemovePermission: { ...QUALIFIED, StatementId: { ...STATEMENT_ID, pattern: '([a-zA-Z0-9-_.]+)' } },
  GetPolicy: QUALIFIED,
  GetResourcePolicy: { ResourceArn: POLICY_RESOURCE },
  PutResourcePolicy: { ResourceArn: POLICY_RESOURCE, Policy: { min: 1, max: 20_480, pattern: '[\\s\\S]+' } },
  DeleteResourcePolicy: { ResourceArn: POLICY_RESOURCE },
  PutFunctionEventInvokeConfig: EVENT_INVOKE,
  UpdateFunctionEventInvokeConfig: EVENT_INVOKE,
  GetFunctionEventInvokeConfig: QUALIFIED,
  DeleteFunctionEventInvokeConfig: QUALIFIED,
  ListFunctionEventInvokeConfigs: {
    FunctionName: FUNCTION_NAME,
    MaxItems: { min: 1, max: 50, integer: true },
  },
  CreateFunctionUrlConfig: FUNCTION_URL,
  UpdateFunctionUrlConfig: FUNCTION_URL,
  GetFunctionUrlConfig: QUALIFIED,
  DeleteFunctionUrlConfig: QUALIFIED,
  ListFunctionUrlConfigs: { FunctionName: FUNCTION_NAME, MaxItems: { min: 1, max: 50, integer: true } },
  GetFunctionRecursionConfig: { FunctionName: UNQUALIFIED_FUNCTION_NAME },
  PutFunctionRecursionConfig: {
    FunctionName: UNQUALIFIED_FUNCTION_NAME,
    RecursiveLoop: { enum: ['Allow', 'Terminate'] },
  },
  GetRuntimeManagementConfig: { FunctionName: NAMESPACED_FUNCTION_NAME, Qualifier: QUALIFIER },
  PutRuntimeManagementConfig: {
    FunctionName: NAMESPACED_FUNCTION_NAME,
    Qualifier: QUALIFIER,
    UpdateRuntimeOn: { enum: ['Auto', 'Manual', 'FunctionUpdate'] },
    RuntimeVersionArn: {
      min: 26,
      max: 2_048,
      pattern: `((arn:(aws[a-zA-Z-]*):lambda:${REGION}::runtime:.+)|(arn:(aws[a-zA-Z-]*):lambda:${REGION}:\\d{12}:runtime/[A-Za-z0-9_.-]{1,128}/version/[A-Za-z0-9_.-]{1,128}))`,
    },
  },
  PublishLayerVersion: {
    LayerName: LAYER_NAME,
    Description: DESCRIPTION,
    'Content.S3Bucket': S3_BUCKET,
    'Content.S3Key': S3_KEY,
    'Content.S3ObjectVersion': S3_KEY,
    CompatibleRuntimes: { min: 0, max: 15 },
    'CompatibleRuntimes.member': { enum: LAMBDA_RUNTIMES },
    CompatibleArchitectures: { min: 0, max: 2 },
    'CompatibleArchitectures.member': { enum: ['x86_64', 'arm64'] },
    LicenseInfo: { min: 0, max: 512 },
  },
  GetLayerVersion: LAYER_VERSION,
  GetLayerVersionByArn: { Arn: LAYER_VERSION_ARN },
  DeleteLayerVersion: LAYER_VERSION,
  ListLayers: LAYER_FILTER,
  ListLayerVersions: { ...LAYER_FILTER, LayerName: LAYER_NAME },
  AddLayerVersionPermission: {
    ...LAYER_VERSION,
    StatementId: STATEMENT_ID,
    Action: { min: 0, max: 22, pattern: 'lambda:GetLayerVersion' },
    Principal: { pattern: '\\d{12}|\\*|arn:(aws[a-zA-Z-]*):iam::\\d{12}:root' },
    OrganizationId: { min: 0, max: 34, pattern: 'o-[a-z0-9]{10,32}' },
  },
  RemoveLayerVersionPermission: { ...LAYER_VERSION, StatementId: STATEMENT_ID },
  GetLayerVersionPolicy: LAYER_VERSION,
  CreateCodeSigningConfig: CODE_SIGNING,
  UpdateCodeSigningConfig: { ...CODE_SIGNING, CodeSigningConfigArn: CODE_SIGNING_CONFIG_ARN },
  GetCodeSigningConfig: { CodeSigningConfigArn: CODE_SIGNING_CONFIG_ARN },
  DeleteCodeSigningConfig: { CodeSigningConfigArn: CODE_SIGNING_CONFIG_ARN },
  ListCodeSigningConfigs: { MaxItems: MAX_ITEMS },
  ListFunctionsByCodeSigningConfig: {
    CodeSigningConfigArn: CODE_SIGNING_CONFIG_ARN,
    MaxItems: MAX_ITEMS,
  },
  PutFunctionCodeSigningConfig: {
    FunctionName: NAMESPACED_FUNCTION_NAME,
    CodeSigningConfigArn: CODE_SIGNING_CONFIG_ARN,
  },
  DeleteFunctionCodeSigningConfig: { FunctionName: NAMESPACED_FUNCTION_NAME },
  TagResource: { Resource: TAGGABLE },
  UntagResource: { Resource: TAGGABLE },
  ListTags: { Resource: TAGGABLE },
};

/** The same with the bounds that an operator has raised. */
export function lambdaConstraints({ timeoutSeconds, memoryMb, ephemeralStorageMb }: Quotas): ConstraintTable {
  const raised = (configuration: Constraints = {}): Constraints => ({
    ...configuration,
    Timeout: { ...configuration['Timeout'], max: timeoutSeconds },
    MemorySize: { ...configuration['MemorySize'], max: memoryMb },
    'EphemeralStorage.Size': { ...configuration['EphemeralStorage.Size'], max: ephemeralStorageMb },
  });
  const { CreateFunction, UpdateFunctionConfiguration } = LAMBDA_CONSTRAINTS;
  return {
    ...LAMBDA_CONSTRAINTS,
    CreateFunction: raised(CreateFunction),
    UpdateFunctionConfiguration: raised(UpdateFunctionConfiguration),
  };
}

function refuseUnknownRuntime(runtime: string): string | undefined {
  if (LAMBDA_RUNTIMES.includes(runtime)) return undefined;
  return `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [${LAMBDA_RUNTIMES.join(', ')}] or be a valid ARN`;
}

/** The bound on the name itself, however it is given; the model bounds only the whole text. */
function refuseLongName(name: string): string | undefined {
  if (parseFunctionIdentifier(name) !== 'name-too-long') return undefined;
  return `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`;
}
