import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { createUniqueId, idOf, type User } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { withTags } from './refusals.ts';
import { shownUser } from './shown-user.ts';

export function createUser(backend: IamBackend): Handler<IamInput<'CreateUser'>, IamOutput<'CreateUser'>> {
  return async input => {
    const { UserName: name = '', Path: path = '/' } = input;
    const { identities, clock, random, accountId } = backend;
    const record: Omit<User, 'writeId'> = {
      schema: 1,
      createdMs: clock.nowMs(),
      name,
      path,
      userId: createUniqueId('AIDA', random),
      tags: withTags({}, input.Tags),
      accessKeyIds: [],
    };
    return identities.users.change(idOf(name), current => {
      if (current)
        throw new AwsError('EntityAlreadyExistsException', `User with name ${name} already exists.`);
      return { put: record, result: { User: shownUser(record, accountId) } };
    });
  };
}
