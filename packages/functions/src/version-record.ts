import { z } from 'zod';
import { CodeReferenceSchema } from './code-reference.ts';
import { VersionConfigurationSchema } from './version-configuration.ts';

/** AWS's name for the one version that changes. */
export const LATEST = '$LATEST';
/** And for the published one that is replaced by each publication to it. */
export const LATEST_PUBLISHED = '$LATEST.PUBLISHED';

const StandingSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('good') }),
  /** `code` is one of AWS's StateReasonCodes. */
  z.strictObject({ kind: z.literal('failed'), code: z.string(), reason: z.string() }),
]);

/** How a version, or its last update, stands: never in between (docs/decisions/0002). */
export type Standing = z.infer<typeof StandingSchema>;

const RuntimeUpdateSchema = z.discriminatedUnion('on', [
  z.strictObject({ on: z.enum(['Auto', 'FunctionUpdate']) }),
  z.strictObject({ on: z.literal('Manual'), runtimeVersionArn: z.string() }),
]);

/** When a version's runtime may become a newer one, as its owner wants it. */
export type RuntimeUpdate = z.infer<typeof RuntimeUpdateSchema>;

const ScalingSchema = z.strictObject({
  minEnvironments: z.int().nonnegative().exactOptional(),
  maxEnvironments: z.int().nonnegative().exactOptional(),
});

/** One version of a function: code and configuration together. A numbered one never changes. */
export const VersionRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** "$LATEST", "$LATEST.PUBLISHED" or a number. */
  version: z.string().regex(/^(\$LATEST(\.PUBLISHED)?|[1-9]\d*)$/),
  /** AWS's RevisionId: new with each mutation that an owner can see. */
  revisionId: z.string(),
  /**
   * Grows with each change to $LATEST's code or configuration and names the environments that may run it; tagging
   * and publishing leave it, so they restart nothing. A published version keeps the one it was made from.
   */
  configurationRevision: z.int().positive(),
  lastModifiedMs: z.int(),
  state: StandingSchema,
  lastUpdate: StandingSchema,
  code: CodeReferenceSchema,
  configuration: VersionConfigurationSchema,
  /** Left out: AWS's, Auto. This and the next are what an owner may change of a published version. */
  runtimeUpdate: RuntimeUpdateSchema.exactOptional(),
  /** How many environments its owner wants of it on a capacity provider. */
  scaling: ScalingSchema.exactOptional(),
});

export type VersionRecord = z.infer<typeof VersionRecordSchema>;

/** $LATEST never has it: only what does not change can be initialised once for all. */
export function hasSnapStart({ version, configuration }: VersionRecord): boolean {
  return version !== LATEST && configuration.snapStart === 'PublishedVersions';
}
