import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { checkDocument } from './refusals.ts';

export function updateAssumeRolePolicy(
  backend: IamBackend,
): Handler<IamInput<'UpdateAssumeRolePolicy'>, IamOutput<'UpdateAssumeRolePolicy'>> {
  return async input => {
    const { RoleName: name = '', PolicyDocument: trust = '' } = input;
    checkDocument(trust, 'trust');
    await changeRole(backend, name, role => ({ role: { ...role, trust } }));
    return {};
  };
}
