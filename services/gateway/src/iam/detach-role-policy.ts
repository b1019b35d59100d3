import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';

export function detachRolePolicy(
  backend: IamBackend,
): Handler<IamInput<'DetachRolePolicy'>, IamOutput<'DetachRolePolicy'>> {
  return async input => {
    const { RoleName: name = '', PolicyArn: arn = '' } = input;
    await changeRole(backend, name, async role => {
      if (!role.attached.includes(arn))
        throw new AwsError('NoSuchEntityException', `Policy ${arn} was not found.`);
      const writes = await backend.identities.attachment(arn, name);
      return {
        role: { ...role, attached: role.attached.filter(each => each !== arn) },
        ...(writes && { alongside: writes.detach }),
      };
    });
    return {};
  };
}
