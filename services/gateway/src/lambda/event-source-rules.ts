import type { Quotas } from '@lambent/core';
import { parseEventPattern } from '@lambent/event-patterns';
import type { MappingSettings, SourceKind } from '@lambent/event-sources';
import type { LambdaBackend } from './lambda-backend.ts';
import { invalidParameter } from './refusals.ts';

type Member = keyof MappingSettings;

/** What can be chosen of mappings of one kind of source. */
interface SourceRules {
  readonly takes: readonly Member[];
  readonly needs: readonly Member[];
  readonly batchSizeMax: number;
  readonly defaults: MappingSettings;
}

const ALWAYS: readonly Member[] = ['BatchSize', 'FilterCriteria', 'KMSKeyArn', 'MetricsConfig'];
const FAILURES: readonly Member[] = [
  'DestinationConfig',
  'MaximumRecordAgeInSeconds',
  'MaximumRetryAttempts',
  'BisectBatchOnFunctionError',
  'FunctionResponseTypes',
];
const POSITION: readonly Member[] = ['StartingPosition', 'StartingPositionTimestamp'];
const WINDOW: Member = 'MaximumBatchingWindowInSeconds';
const BATCH_SIZE_MAX = 10_000;

const QUEUE: SourceRules = {
  takes: [
    ...ALWAYS,
    WINDOW,
    'EventSourceArn',
    'FunctionResponseTypes',
    'ScalingConfig',
    'ProvisionedPollerConfig',
  ],
  needs: [],
  batchSizeMax: BATCH_SIZE_MAX,
  defaults: { BatchSize: 10, MaximumBatchingWindowInSeconds: 0, FunctionResponseTypes: [] },
};
const STREAM: SourceRules = {
  takes: [
    ...ALWAYS,
    ...FAILURES,
    ...POSITION,
    WINDOW,
    'EventSourceArn',
    'ParallelizationFactor',
    'TumblingWindowInSeconds',
  ],
  needs: ['StartingPosition'],
  batchSizeMax: BATCH_SIZE_MAX,
  defaults: {
    BatchSize: 100,
    MaximumBatchingWindowInSeconds: 0,
    ParallelizationFactor: 1,
    MaximumRecordAgeInSeconds: -1,
    MaximumRetryAttempts: -1,
    BisectBatchOnFunctionError: false,
    TumblingWindowInSeconds: 0,
    FunctionResponseTypes: [],
    DestinationConfig: { OnFailure: {} },
  },
};
const KAFKA: SourceRules = {
  takes: [
    ...ALWAYS,
    ...FAILURES,
    ...POSITION,
    WINDOW,
    'Topics',
    'SourceAccessConfigurations',
    'ProvisionedPollerConfig',
    'LoggingConfig',
  ],
  needs: ['Topics', 'StartingPosition'],
  batchSizeMax: BATCH_SIZE_MAX,
  defaults: { BatchSize: 100, DestinationConfig: { OnFailure: {} } },
};

const RULES: Readonly<Record<SourceKind, SourceRules>> = {
  sqs: QUEUE,
  'sqs-fifo': { ...QUEUE, batchSizeMax: 10, takes: QUEUE.takes.filter(member => member !== WINDOW) },
  kinesis: STREAM,
  dynamodb: STREAM,
  'managed-kafka': {
    ...KAFKA,
    takes: [...KAFKA.takes, 'EventSourceArn', 'AmazonManagedKafkaEventSourceConfig'],
  },
  'self-managed-kafka': {
    ...KAFKA,
    takes: [...KAFKA.takes, 'SelfManagedEventSource', 'SelfManagedKafkaEventSourceConfig'],
    needs: ['SourceAccessConfigurations', ...KAFKA.needs],
  },
  mq: {
    takes: [...ALWAYS, WINDOW, 'EventSourceArn', 'Queues', 'SourceAccessConfigurations'],
    needs: ['Queues', 'SourceAccessConfigurations'],
    batchSizeMax: BATCH_SIZE_MAX,
    defaults: { BatchSize: 100 },
  },
  documentdb: {
    takes: [
      ...ALWAYS,
      ...POSITION,
      WINDOW,
      'EventSourceArn',
      'SourceAccessConfigurations',
      'DocumentDBEventSourceConfig',
    ],
    needs: ['DocumentDBEventSourceConfig', 'SourceAccessConfigurations', 'StartingPosition'],
    batchSizeMax: BATCH_SIZE_MAX,
    defaults: { BatchSize: 100 },
  },
};

export function defaultSettings(kind: SourceKind): MappingSettings {
  return RULES[kind].defaults;
}

/** Throws what AWS answers to settings that mappings of this kind cannot have. */
export function checkSettings(
  { clock, quotas }: Pick<LambdaBackend, 'clock' | 'quotas'>,
  kind: SourceKind,
  settings: MappingSettings,
): void {
  const { takes, needs, batchSizeMax, defaults } = RULES[kind];
  for (const member of Object.keys(settings) as Member[])
    if (!takes.includes(member) && !(member in defaults)) throw unsupported(member);
  for (const member of needs) if (isMissing(settings[member])) throw missing(member);
  if ((settings.BatchSize ?? 0) > batchSizeMax)
    throw invalidParameter(`Maximum batch size of this event source is ${batchSizeMax}.`);
  checkPosition(kind, settings, clock.nowMs());
  checkWindow(kind, settings);
  checkFilters(quotas, settings.FilterCriteria);
  checkDestinations(kind, settings.DestinationConfig);
  checkPollers(settings);
  const { MaximumRecordAgeInSeconds: age = -1 } = settings;
  if (age !== -1 && age < RECORD_AGE_MIN_SECONDS)
    throw invalidParameter(`MaximumRecordAgeInSeconds must be -1 or at least ${RECORD_AGE_MIN_SECONDS}.`);
}

const RECORD_AGE_MIN_SECONDS = 60;

function isMissing(value: MappingSettings[Member]): boolean {
  return value === undefined || (Array.isArray(value) && value.length === 0);
}

function unsupported(member: Member): Error {
  return invalidParameter(`Unsupported ${member} parameter for given event source mapping type.`);
}

function missing(member: Member): Error {
  const name = member.charAt(0).toLowerCase() + member.slice(1);
  if (member === 'StartingPosition')
    return invalidParameter(
      `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null.`,
    );
  return invalidParameter(`Required '${name}' parameter is missing.`);
}

function checkPosition(
  kind: SourceKind,
  { StartingPosition, StartingPositionTimestamp, EventSourceArn }: MappingSettings,
  atMs: number,
): void {
  const atTimestamp = StartingPosition === 'AT_TIMESTAMP';
  if (atTimestamp && kind === 'dynamodb')
    throw invalidParameter(`Unsupported starting position for arn type: ${EventSourceArn}`);
  if (atTimestamp !== (StartingPositionTimestamp !== undefined))
    throw invalidParameter('StartingPositionTimestamp goes with the starting position AT_TIMESTAMP only.');
  if (StartingPositionTimestamp !== undefined && StartingPositionTimestamp > atMs)
    throw invalidParameter('StartingPositionTimestamp cannot be in the future.');
}

function checkWindow(kind: SourceKind, settings: MappingSettings): void {
  const { BatchSize = 0, MaximumBatchingWindowInSeconds: window = 0 } = settings;
  if (kind === 'sqs' && BatchSize > 10 && window === 0)
    throw invalidParameter(
      'Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10',
    );
}

function checkFilters(
  { eventFilters }: Pick<Quotas, 'eventFilters'>,
  criteria: MappingSettings['FilterCriteria'],
): void {
  const filters = criteria?.Filters ?? [];
  if (filters.length > eventFilters)
    throw invalidParameter(`FilterCriteria can have at most ${eventFilters} filters.`);
  for (const { Pattern = '' } of filters)
    if (!parseEventPattern(Pattern)) throw invalidParameter('Invalid filter pattern definition.');
}

const DESTINATIONS = /^arn:aws[a-zA-Z-]*:(sqs|sns|s3):/;

function checkDestinations(kind: SourceKind, config: MappingSettings['DestinationConfig']): void {
  if (config?.OnSuccess?.Destination) throw unsupported('DestinationConfig');
  const destination = config?.OnFailure?.Destination;
  if (!destination || DESTINATIONS.test(destination)) return;
  if (destination.startsWith('kafka://') && kind.endsWith('-kafka')) return;
  throw invalidParameter(`The destination ARN ${destination} is invalid.`);
}

function checkPollers({ ScalingConfig, ProvisionedPollerConfig: pollers }: MappingSettings): void {
  if (!pollers || Object.keys(pollers).length === 0) return;
  if (ScalingConfig?.MaximumConcurrency !== undefined)
    throw invalidParameter('ScalingConfig and ProvisionedPollerConfig cannot be used together.');
  const { MinimumPollers = 1, MaximumPollers = MinimumPollers } = pollers;
  if (MinimumPollers > MaximumPollers)
    throw invalidParameter('MinimumPollers must not be greater than MaximumPollers.');
}
