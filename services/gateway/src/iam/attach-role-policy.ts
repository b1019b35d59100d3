import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { awsPolicy } from '@lambent/identity';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { noPolicy, overQuota } from './refusals.ts';

/** AWS's default quota. */
const ATTACHED_MAX = 10;

export function attachRolePolicy(
  backend: IamBackend,
): Handler<IamInput<'AttachRolePolicy'>, IamOutput<'AttachRolePolicy'>> {
  return async input => {
    const { RoleName: name = '', PolicyArn: arn = '' } = input;
    await changeRole(backend, name, async role => {
      if (role.attached.includes(arn)) return { role };
      if (role.attached.length >= ATTACHED_MAX) throw overQuota('PoliciesPerRole', ATTACHED_MAX);
      const writes = await backend.identities.attachment(arn, name);
      if (!writes && !awsPolicy(arn)) throw noPolicy(arn);
      return {
        role: { ...role, attached: [...role.attached, arn] },
        ...(writes && { alongside: writes.attach }),
      };
    });
    return {};
  };
}
