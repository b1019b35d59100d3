import type { ProvisionedRecord } from '@lambent/membership';
import { z } from 'zod';

/** A name for one version of a function, or for two between which its invocations are divided. */
export const AliasRecordSchema = z.strictObject({
  schema: z.literal(1),
  name: z.string(),
  /** AWS's RevisionId: new with each change. */
  revisionId: z.string(),
  /** "$LATEST" or a number. */
  version: z.string(),
  description: z.string(),
  /** A second version and the share of invocations that it gets. */
  routing: z.strictObject({ version: z.string(), weight: z.number().min(0).max(1) }).exactOptional(),
});

export type AliasRecord = z.infer<typeof AliasRecordSchema>;

/** For one invocation, by a random number in [0, 1). */
export function routedVersion({ version, routing }: AliasRecord, fraction: number): string {
  return routing && fraction < routing.weight ? routing.version : version;
}

/** As it serves: an alias that moved goes on at the version before while the next is brought up. */
export function servedAlias(alias: AliasRecord, provisioned: ProvisionedRecord | undefined): AliasRecord {
  return { ...alias, version: provisioned?.previousVersion ?? alias.version };
}

export function versionsOf({ version, routing }: AliasRecord): readonly string[] {
  return routing ? [version, routing.version] : [version];
}
