import type { Random } from '@lambent/core';
import { encodeKeyPart, RecordTable, type Registry } from '@lambent/registry';
import { z } from 'zod';
import { readRecord } from './stored-record.ts';

const text = z.string();
const texts = z.array(text);
const tags = z.record(text, text);

/** What an owner chooses of a capacity provider, under AWS's own names: it is given back as it came. */
const CapacitySettingsSchema = z.strictObject({
  VpcConfig: z.strictObject({ SubnetIds: texts, SecurityGroupIds: texts }),
  PermissionsConfig: z.strictObject({ CapacityProviderOperatorRoleArn: text }),
  InstanceRequirements: z
    .strictObject({
      Architectures: texts.exactOptional(),
      AllowedInstanceTypes: texts.exactOptional(),
      ExcludedInstanceTypes: texts.exactOptional(),
    })
    .exactOptional(),
  CapacityProviderScalingConfig: z.strictObject({
    MaxVCpuCount: z.int().exactOptional(),
    ScalingMode: z.enum(['Auto', 'Manual']).exactOptional(),
    ScalingPolicies: z
      .array(z.strictObject({ PredefinedMetricType: text, TargetValue: z.number() }))
      .exactOptional(),
  }),
  KmsKeyArn: text.exactOptional(),
  PropagateTags: z
    .strictObject({ Mode: text.exactOptional(), ExplicitTags: tags.exactOptional() })
    .exactOptional(),
  TelemetryConfig: z
    .strictObject({
      LoggingConfig: z
        .strictObject({ SystemLogLevel: text.exactOptional(), LogGroup: text.exactOptional() })
        .exactOptional(),
    })
    .exactOptional(),
});

export type CapacitySettings = z.infer<typeof CapacitySettingsSchema>;

/** As they stand in a request that was found to be right. */
export function readCapacitySettings(members: object): CapacitySettings {
  // Leaves out what is undefined.
  return CapacitySettingsSchema.parse(JSON.parse(JSON.stringify(members)));
}

/** What functions may name to run on. */
const CapacityProviderRecordSchema = z.strictObject({
  schema: z.literal(1),
  writeId: text,
  name: text,
  lastModifiedMs: z.int(),
  tags,
  settings: CapacitySettingsSchema,
});

export type CapacityProviderRecord = z.infer<typeof CapacityProviderRecordSchema>;

/** Those of one account, by their names. */
export function capacityProviders(options: {
  readonly registry: Registry;
  readonly random: Random;
  readonly accountId: string;
}): RecordTable<CapacityProviderRecord> {
  return new RecordTable({
    ...options,
    prefix: `capacity-providers/${encodeKeyPart(options.accountId)}/`,
    decode: entry => readRecord(CapacityProviderRecordSchema, entry),
  });
}
