import { z } from 'zod';
import { RECORD } from './stored-record.ts';

/** Whom others may become, and what they may do then. Policies are kept as the texts that were given. */
export const RoleSchema = z.strictObject({
  ...RECORD,
  name: z.string(),
  path: z.string(),
  roleId: z.string(),
  trust: z.string(),
  description: z.string().exactOptional(),
  maxSessionSeconds: z.int(),
  permissionsBoundary: z.string().exactOptional(),
  tags: z.record(z.string(), z.string()),
  inline: z.record(z.string(), z.string()),
  /** ARNs of managed policies. */
  attached: z.array(z.string()),
});

export type Role = z.infer<typeof RoleSchema>;

export function roleArn({ name, path }: Pick<Role, 'name' | 'path'>, accountId: string): string {
  return `arn:aws:iam::${accountId}:role${path}${name}`;
}
