import { z } from 'zod';
import { SOURCE_KINDS } from './source-kind.ts';

const text = z.string();
const count = z.int();
const accessConfigurations = z.array(
  z.strictObject({ Type: text.exactOptional(), URI: text.exactOptional() }),
);
const destination = z.strictObject({ Destination: text.exactOptional() });
const schemaRegistry = z.strictObject({
  SchemaRegistryURI: text.exactOptional(),
  EventRecordFormat: text.exactOptional(),
  AccessConfigs: accessConfigurations.exactOptional(),
  SchemaValidationConfigs: z.array(z.strictObject({ Attribute: text.exactOptional() })).exactOptional(),
});
const kafka = z.strictObject({
  ConsumerGroupId: text.exactOptional(),
  SchemaRegistryConfig: schemaRegistry.exactOptional(),
});

/** What an owner chooses of a mapping, under AWS's own names: it is given back as it came. */
const MappingSettingsSchema = z
  .strictObject({
    EventSourceArn: text,
    SelfManagedEventSource: z.strictObject({ Endpoints: z.record(text, z.array(text)).exactOptional() }),
    StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_TIMESTAMP']),
    /** Milliseconds since 1970. */
    StartingPositionTimestamp: z.number(),
    BatchSize: count,
    MaximumBatchingWindowInSeconds: count,
    ParallelizationFactor: count,
    MaximumRecordAgeInSeconds: count,
    MaximumRetryAttempts: count,
    BisectBatchOnFunctionError: z.boolean(),
    TumblingWindowInSeconds: count,
    FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')),
    FilterCriteria: z.strictObject({
      Filters: z.array(z.strictObject({ Pattern: text.exactOptional() })).exactOptional(),
    }),
    KMSKeyArn: text,
    DestinationConfig: z.strictObject({
      OnSuccess: destination.exactOptional(),
      OnFailure: destination.exactOptional(),
    }),
    ScalingConfig: z.strictObject({ MaximumConcurrency: count.exactOptional() }),
    ProvisionedPollerConfig: z.strictObject({
      MinimumPollers: count.exactOptional(),
      MaximumPollers: count.exactOptional(),
      PollerGroupName: text.exactOptional(),
    }),
    MetricsConfig: z.strictObject({ Metrics: z.array(text).exactOptional() }),
    LoggingConfig: z.strictObject({ SystemLogLevel: text.exactOptional() }),
    Topics: z.array(text),
    Queues: z.array(text),
    SourceAccessConfigurations: accessConfigurations,
    AmazonManagedKafkaEventSourceConfig: kafka,
    SelfManagedKafkaEventSourceConfig: kafka.extend({ ConsumptionMode: text.exactOptional() }),
    DocumentDBEventSourceConfig: z.strictObject({
      DatabaseName: text.exactOptional(),
      CollectionName: text.exactOptional(),
      FullDocument: text.exactOptional(),
    }),
  })
  .partial();

export type MappingSettings = z.infer<typeof MappingSettingsSchema>;

/** As they stand in a request that was found to be right; members that are none of a mapping's are its programmer's error. */
export function readSettings(members: object): MappingSettings {
  // Leaves out what is undefined.
  return MappingSettingsSchema.parse(JSON.parse(JSON.stringify(members)));
}

/** That what is read of a source is given to a function. It outlives the function, as on AWS. */
export const MappingRecordSchema = z.strictObject({
  schema: z.literal(1),
  writeId: text,
  uuid: text,
  kind: z.enum(SOURCE_KINDS),
  functionName: text,
  /** A version or an alias; left out: the function itself. */
  qualifier: text.exactOptional(),
  /** As its owner wants it. */
  enabled: z.boolean(),
  lastModifiedMs: count,
  tags: z.record(text, text),
  settings: MappingSettingsSchema,
});

export type MappingRecord = z.infer<typeof MappingRecordSchema>;
