import type { IamOutput } from '@lambent/aws-api';
import { arnOf, type User, uniqueIdOf } from '@lambent/identity';
import { identityOf } from './key-owner.ts';
import { shownTags } from './refusals.ts';

export function shownUser(
  user: Omit<User, 'writeId'>,
  accountId: string,
): NonNullable<IamOutput<'GetUser'>['User']> {
  const identity = identityOf(user);
  return {
    Path: user.path,
    UserName: identity.kind === 'root' ? 'root' : user.name,
    UserId: uniqueIdOf(identity, accountId),
    Arn: arnOf(identity, accountId),
    CreateDate: new Date(user.createdMs),
    ...(Object.keys(user.tags).length > 0 && { Tags: shownTags(user.tags) }),
  };
}
