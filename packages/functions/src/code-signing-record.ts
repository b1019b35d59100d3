import { z } from 'zod';

/** Whose signatures are trusted in what is deployed to the functions that name it. */
export const CodeSigningRecordSchema = z.strictObject({
  schema: z.literal(1),
  writeId: z.string(),
  /** `csc-` and 17 lower-case letters and digits. */
  id: z.string(),
  description: z.string(),
  profileVersionArns: z.array(z.string()),
  untrusted: z.enum(['Warn', 'Enforce']),
  modifiedMs: z.int(),
  tags: z.record(z.string(), z.string()),
});

export type CodeSigningRecord = z.infer<typeof CodeSigningRecordSchema>;
