import { z } from 'zod';

/** How events that are addressed to a function, one of its versions or one of its aliases are tried again. */
export const EventInvokeRecordSchema = z.strictObject({
  schema: z.literal(1),
  /** A version or an alias. */
  qualifier: z.string(),
  lastModifiedMs: z.int(),
  /** Left out: AWS's, two. */
  maximumRetryAttempts: z.int().min(0).max(2).exactOptional(),
  /** Left out: AWS's, six hours. */
  maximumEventAgeSeconds: z.int().min(60).max(21_600).exactOptional(),
});

export type EventInvokeRecord = z.infer<typeof EventInvokeRecordSchema>;
