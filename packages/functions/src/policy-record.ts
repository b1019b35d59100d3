import { z } from 'zod';

/** Who else may do what with a function, one of its versions or one of its aliases. */
export const PolicyRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** The document as its owner is shown it: JSON in IAM's language, of at most 20 KB. */
  document: z.string(),
});

export type PolicyRecord = z.infer<typeof PolicyRecordSchema>;
