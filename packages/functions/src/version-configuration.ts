import { z } from 'zod';
import { CodeReferenceSchema } from './code-reference.ts';

/** A version of a layer as a function uses it: with what is needed to go on when that version is deleted. */
const LayerReferenceSchema = z.strictObject({ arn: z.string(), code: CodeReferenceSchema });

export type LayerReference = z.infer<typeof LayerReferenceSchema>;

/**
 * What the owner of a function may choose, as it is stored: defaults filled in, nothing derived. Members that are
 * given back but change nothing here (docs/compatibility.md) stand at the end.
 */
export const VersionConfigurationSchema = z.strictObject({
  runtime: z.string(),
  handler: z.string(),
  role: z.string(),
  description: z.string(),
  timeoutSeconds: z.int().positive(),
  memoryMb: z.int().positive(),
  ephemeralStorageMb: z.int().positive(),
  architecture: z.enum(['x86_64', 'arm64']),
  /** Absent when the owner never gave any, which AWS answers differently from an empty map. */
  variables: z.record(z.string(), z.string()).exactOptional(),
  logging: z.strictObject({
    format: z.enum(['Text', 'JSON']),
    /** Absent: `/aws/lambda/<function>`. */
    group: z.string().exactOptional(),
    applicationLevel: z.string().exactOptional(),
    systemLevel: z.string().exactOptional(),
  }),
  tracingMode: z.enum(['PassThrough', 'Active']),
  snapStart: z.enum(['None', 'PublishedVersions']),
  /** Later ones over earlier ones. Absent: none. */
  layers: z.array(LayerReferenceSchema).exactOptional(),
  /** Each tenant has environments of its own. Chosen when the function is created, and for good. */
  tenantIsolation: z.literal('PER_TENANT').exactOptional(),
  /** On which capacity provider it runs; chosen when the function is created. */
  capacityProvider: z
    .strictObject({
      arn: z.string(),
      environmentConcurrencyMax: z.int().positive().exactOptional(),
      memoryGibPerVCpu: z.number().exactOptional(),
    })
    .exactOptional(),
  kmsKeyArn: z.string().exactOptional(),
  vpc: z
    .strictObject({
      subnetIds: z.array(z.string()),
      securityGroupIds: z.array(z.string()),
      ipv6Allowed: z.boolean(),
    })
    .exactOptional(),
});

export type VersionConfiguration = z.infer<typeof VersionConfigurationSchema>;

/** Where a version's log lines go. */
export function logGroupOf(functionName: string, configuration: VersionConfiguration): string {
  return configuration.logging.group ?? `/aws/lambda/${functionName}`;
}
