import { z } from 'zod';
import { IdentitySchema } from './identity.ts';
import { RECORD } from './stored-record.ts';

/** A key that lasts until it is deleted, under its id. */
export const AccessKeySchema = z.strictObject({
  ...RECORD,
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  identity: IdentitySchema,
});

export type AccessKey = z.infer<typeof AccessKeySchema>;
