import { type Identity, idOf, ROOT_ID, type User } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { noUser } from './refusals.ts';

/** Whose access keys are meant: without a name the account's owner's, who needs no record to be there. */
export function keyOwner(
  { clock }: IamBackend,
  name: string | undefined,
): { id: string; orRefuse(user: User | undefined): Omit<User, 'writeId'> } {
  if (name === undefined)
    return {
      id: ROOT_ID,
      orRefuse: user =>
        user ?? {
          schema: 1,
          createdMs: clock.nowMs(),
          name: ROOT_ID,
          path: '/',
          userId: ROOT_ID,
          tags: {},
          accessKeyIds: [],
        },
    };
  return {
    id: idOf(name),
    orRefuse(user) {
      if (!user) throw noUser(name);
      return user;
    },
  };
}

export function identityOf({ name, path, userId }: Omit<User, 'writeId'>): Identity {
  return name === ROOT_ID ? { kind: 'root' } : { kind: 'user', name, path, userId };
}
