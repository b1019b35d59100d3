import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { idOf } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { noUser } from './refusals.ts';

export function deleteUser(backend: IamBackend): Handler<IamInput<'DeleteUser'>, IamOutput<'DeleteUser'>> {
  return async input => {
    const { UserName: name = '' } = input;
    return backend.identities.users.change(idOf(name), user => {
      if (!user) throw noUser(name);
      if (user.accessKeyIds.length > 0)
        throw new AwsError('DeleteConflictException', 'Cannot delete entity, must delete access keys first.');
      return { remove: true, result: {} };
    });
  };
}
