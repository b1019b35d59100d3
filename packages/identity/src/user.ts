import { z } from 'zod';
import { RECORD } from './stored-record.ts';

/** Somebody who signs with keys of their own. */
export const UserSchema = z.strictObject({
  ...RECORD,
  name: z.string(),
  path: z.string(),
  userId: z.string(),
  tags: z.record(z.string(), z.string()),
  accessKeyIds: z.array(z.string()),
});

export type User = z.infer<typeof UserSchema>;
