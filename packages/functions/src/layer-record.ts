import { z } from 'zod';
import { CodeReferenceSchema } from './code-reference.ts';

/** What the registry holds of a layer under its name. It stays when its last version is deleted: no number comes twice. */
export const LayerRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** New with each write of this record. */
  writeId: z.string(),
  nextVersion: z.int().positive(),
});

export type LayerRecord = z.infer<typeof LayerRecordSchema>;

/** One version of a layer: but for its policy it never changes. */
export const LayerVersionRecordSchema = z.strictObject({
  schema: z.literal(1),
  layerName: z.string(),
  version: z.int().positive(),
  /** Likewise. */
  writeId: z.string(),
  createdMs: z.int(),
  description: z.string(),
  licenseInfo: z.string().exactOptional(),
  compatibleRuntimes: z.array(z.string()).exactOptional(),
  compatibleArchitectures: z.array(z.string()).exactOptional(),
  code: CodeReferenceSchema,
  /** Who else may use it: JSON in IAM's language, of at most 20 KB. */
  policy: z.strictObject({ revisionId: z.string(), document: z.string() }).exactOptional(),
});

export type LayerVersionRecord = z.infer<typeof LayerVersionRecordSchema>;
