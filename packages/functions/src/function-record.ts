import { z } from 'zod';
import { VersionRecordSchema } from './version-record.ts';

/**
 * What the registry holds of a function under its name. Its published versions and its aliases have keys of their own,
 * which are written only together with this one: whoever compares this compares them too.
 */
export const FunctionRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** New with each creation: a function made again under the same name is another function. */
  id: z.string(),
  accountId: z.string(),
  name: z.string(),
  /** New with each write of this record, so that a writer can tell whether a transaction of unknown end was done. */
  writeId: z.string(),
  /** Numbers only grow, also when versions are deleted. */
  nextVersion: z.int().positive(),
  /** Of all published versions together: usage is counted without reading them. */
  publishedCodeBytes: z.int().nonnegative(),
  /** How often a published version was deleted or replaced: whoever caches versions sees by this that one is no longer so. */
  deletedVersions: z.int().nonnegative(),
  /** How often an alias was made, changed or deleted: whoever caches aliases sees by this that one is no longer so. */
  aliasChanges: z.int().nonnegative().default(0),
  /** Left out: AWS's, Terminate. */
  recursiveLoop: z.enum(['Allow', 'Terminate']).exactOptional(),
  /** Who may have signed what is deployed. Absent: nobody asks. */
  codeSigningConfigId: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()),
  latest: VersionRecordSchema,
});

export type FunctionRecord = z.infer<typeof FunctionRecordSchema>;
