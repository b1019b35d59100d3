import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';

export function deleteRolePolicy(
  backend: IamBackend,
): Handler<IamInput<'DeleteRolePolicy'>, IamOutput<'DeleteRolePolicy'>> {
  return async input => {
    const { RoleName = '', PolicyName = '' } = input;
    await changeRole(backend, RoleName, role => {
      if (!Object.hasOwn(role.inline, PolicyName))
        throw new AwsError(
          'NoSuchEntityException',
          `The role policy with name ${PolicyName} cannot be found.`,
        );
      const { [PolicyName]: _, ...inline } = role.inline;
      return { role: { ...role, inline } };
    });
    return {};
  };
}
