import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import { findRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';

export function getRolePolicy(
  backend: IamBackend,
): Handler<IamInput<'GetRolePolicy'>, IamOutput<'GetRolePolicy'>> {
  return async input => {
    const { RoleName = '', PolicyName = '' } = input;
    const { inline } = await findRole(backend, RoleName);
    const document = Object.hasOwn(inline, PolicyName) ? inline[PolicyName] : undefined;
    if (document === undefined)
      throw new AwsError('NoSuchEntityException', `The role policy with name ${PolicyName} cannot be found.`);
    return { RoleName, PolicyName, PolicyDocument: encodeURIComponent(document) };
  };
}
