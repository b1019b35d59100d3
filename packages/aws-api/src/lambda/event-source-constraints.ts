import type { Constraint, Constraints, ConstraintTable } from '../constraint.ts';
import { ANY_ARN, MAX_ITEMS, NAMESPACED_FUNCTION_NAME, REGION } from './member-constraints.ts';

/** Of the operations on event source mappings, from AWS's own API model. */

const SOURCE_ARN_PATTERN = `arn:(aws[a-zA-Z0-9-]*):([a-zA-Z0-9\\-])+:(${REGION})?:(\\d{12})?:(.*)`;
const SOURCE_ARN: Constraint = { min: 0, max: 10_000, pattern: SOURCE_ARN_PATTERN };
const DESTINATION: Constraint = {
  min: 0,
  max: 350,
  pattern: `$|kafka://([^.]([a-zA-Z0-9\\-_.]{0,248}))|${SOURCE_ARN_PATTERN}`,
};
const GROUP: Constraint = { min: 1, max: 200, pattern: '[ a-zA-Z0-9-\\/*:_+=.@-]*' };
const UUID: Constraint = { min: 36, max: 36 };

function kafka(config: string): Constraints {
  const registry = `${config}.SchemaRegistryConfig`;
  return {
    [`${config}.ConsumerGroupId`]: GROUP,
    [`${registry}.SchemaRegistryURI`]: { min: 1, max: 10_000, pattern: '[a-zA-Z0-9-\\/*:_+=.@-]*' },
    [`${registry}.EventRecordFormat`]: { enum: ['JSON', 'SOURCE'] },
    [`${registry}.AccessConfigs.member.Type`]: {
      enum: ['BASIC_AUTH', 'CLIENT_CERTIFICATE_TLS_AUTH', 'SERVER_ROOT_CA_CERTIFICATE', 'OAUTHBEARER_AUTH'],
    },
    [`${registry}.AccessConfigs.member.URI`]: SOURCE_ARN,
    [`${registry}.SchemaValidationConfigs.member.Attribute`]: { enum: ['KEY', 'VALUE'] },
  };
}

/** What a mapping is created with and updated with. */
const SETTINGS: Constraints = {
  ...kafka('AmazonManagedKafkaEventSourceConfig'),
  ...kafka('SelfManagedKafkaEventSourceConfig'),
  'SelfManagedKafkaEventSourceConfig.ConsumptionMode': { enum: ['Stream', 'Queue'] },
  FunctionName: NAMESPACED_FUNCTION_NAME,
  BatchSize: { min: 1, max: 10_000, integer: true },
  'FilterCriteria.Filters.member.Pattern': { min: 0, max: 4_096, pattern: '[\\s\\S]*' },
  KMSKeyArn: { ...ANY_ARN, min: 0, max: 10_000 },
  'MetricsConfig.Metrics': { min: 0, max: 3 },
  'MetricsConfig.Metrics.member': { enum: ['EventCount', 'ErrorCount', 'KafkaMetrics'] },
  'LoggingConfig.SystemLogLevel': { enum: ['DEBUG', 'INFO', 'WARN'] },
  'ScalingConfig.MaximumConcurrency': { min: 2, max: 1_000, integer: true },
  MaximumBatchingWindowInSeconds: { min: 0, max: 300, integer: true },
  ParallelizationFactor: { min: 1, max: 10, integer: true },
  'DestinationConfig.OnSuccess.Destination': DESTINATION,
  'DestinationConfig.OnFailure.Destination': DESTINATION,
  MaximumRecordAgeInSeconds: { min: -1, max: 604_800, integer: true },
  MaximumRetryAttempts: { min: -1, max: 10_000, integer: true },
  TumblingWindowInSeconds: { min: 0, max: 900, integer: true },
  SourceAccessConfigurations: { min: 0, max: 23 },
  'SourceAccessConfigurations.member.Type': {
    enum: [
      'BASIC_AUTH',
      'VPC_SUBNET',
      'VPC_SECURITY_GROUP',
      'SASL_SCRAM_512_AUTH',
      'SASL_SCRAM_256_AUTH',
      'VIRTUAL_HOST',
      'CLIENT_CERTIFICATE_TLS_AUTH',
      'SERVER_ROOT_CA_CERTIFICATE',
      'OAUTHBEARER_AUTH',
      'OAUTHBEARER_SCOPE',
      'OAUTHBEARER_AUDIENCE',
      'OAUTHBEARER_LOGICAL_CLUSTER',
      'OAUTHBEARER_IDENTITY_POOL',
      'IAM_AUTH',
      'IAM_OAUTHBEARER_AUTH',
    ],
  },
  'SourceAccessConfigurations.member.URI': GROUP,
  FunctionResponseTypes: { min: 0, max: 1 },
  'FunctionResponseTypes.member': { enum: ['ReportBatchItemFailures'] },
  'DocumentDBEventSourceConfig.DatabaseName': { min: 1, max: 63, pattern: '[^ /\\.$\\x22]*' },
  'DocumentDBEventSourceConfig.CollectionName': {
    min: 1,
    max: 57,
    pattern: '(^(?!(system\\x2e)))(^[_a-zA-Z0-9])([^$]*)',
  },
  'DocumentDBEventSourceConfig.FullDocument': { enum: ['UpdateLookup', 'Default'] },
  'ProvisionedPollerConfig.MinimumPollers': { min: 1, max: 200, integer: true },
  'ProvisionedPollerConfig.MaximumPollers': { min: 1, max: 10_000, integer: true },
  'ProvisionedPollerConfig.PollerGroupName': { min: 0, max: 128, pattern: '[a-zA-Z0-9-_]*' },
};

export const EVENT_SOURCE_CONSTRAINTS: ConstraintTable = {
  CreateEventSourceMapping: {
    ...SETTINGS,
    EventSourceArn: SOURCE_ARN,
    StartingPosition: { enum: ['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP'] },
    Topics: { min: 1, max: 1 },
    'Topics.member': { min: 1, max: 249, pattern: '[^.]([a-zA-Z0-9\\-_.]+)' },
    Queues: { min: 1, max: 1 },
    'Queues.member': { min: 1, max: 1_000, pattern: '[\\s\\S]*' },
    'SelfManagedEventSource.Endpoints': { min: 1, max: 2 },
    'SelfManagedEventSource.Endpoints.key': { enum: ['KAFKA_BOOTSTRAP_SERVERS'] },
    'SelfManagedEventSource.Endpoints.value': { min: 1, max: 10 },
    'SelfManagedEventSource.Endpoints.value.member': {
      min: 1,
      max: 300,
      pattern:
        '(([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\\-]*[a-zA-Z0-9])\\.)*([A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9\\-]*[A-Za-z0-9]):[0-9]{1,5}',
    },
  },
  UpdateEventSourceMapping: { ...SETTINGS, UUID },
  GetEventSourceMapping: { UUID },
  DeleteEventSourceMapping: { UUID },
  ListEventSourceMappings: {
    EventSourceArn: SOURCE_ARN,
    FunctionName: NAMESPACED_FUNCTION_NAME,
    MaxItems: MAX_ITEMS,
  },
};
