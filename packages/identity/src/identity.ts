import { z } from 'zod';

/** Who a key belongs to. Paths begin and end with `/`, as IAM has them. */
export const IdentitySchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('root') }),
  z.strictObject({ kind: z.literal('user'), name: z.string(), path: z.string(), userId: z.string() }),
  z.strictObject({
    kind: z.literal('session'),
    roleName: z.string(),
    rolePath: z.string(),
    roleId: z.string(),
    sessionName: z.string(),
  }),
]);

export type Identity = z.infer<typeof IdentitySchema>;

/** The ARN that an identity is told to be. */
export function arnOf(identity: Identity, accountId: string): string {
  switch (identity.kind) {
    case 'root':
      return `arn:aws:iam::${accountId}:root`;
    case 'user':
      return `arn:aws:iam::${accountId}:user${identity.path}${identity.name}`;
    case 'session':
      return `arn:aws:sts::${accountId}:assumed-role/${identity.roleName}/${identity.sessionName}`;
  }
}

/** The unique id, which names nobody else even after its owner was deleted and made again. */
export function uniqueIdOf(identity: Identity, accountId: string): string {
  switch (identity.kind) {
    case 'root':
      return accountId;
    case 'user':
      return identity.userId;
    case 'session':
      return `${identity.roleId}:${identity.sessionName}`;
  }
}

/** All ARNs that a policy may name it by: a role's session goes by the role's as well. */
export function principalArnsOf(identity: Identity, accountId: string): readonly string[] {
  const own = arnOf(identity, accountId);
  if (identity.kind !== 'session') return [own];
  return [own, `arn:aws:iam::${accountId}:role${identity.rolePath}${identity.roleName}`];
}
