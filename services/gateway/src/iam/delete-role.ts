import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { idOf } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { noRole } from './refusals.ts';

export function deleteRole(backend: IamBackend): Handler<IamInput<'DeleteRole'>, IamOutput<'DeleteRole'>> {
  return async input => {
    const { RoleName: name = '' } = input;
    return backend.identities.roles.change(idOf(name), role => {
      if (!role) throw noRole(name);
      if (role.attached.length > 0)
        throw new AwsError(
          'DeleteConflictException',
          'Cannot delete entity, must detach all policies first.',
        );
      if (Object.keys(role.inline).length > 0)
        throw new AwsError('DeleteConflictException', 'Cannot delete entity, must delete policies first.');
      return { remove: true, result: {} };
    });
  };
}
