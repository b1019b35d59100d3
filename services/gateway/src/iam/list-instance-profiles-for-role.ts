import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { findRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';

/** There are no machines that would have any. Terraform asks before it deletes a role. */
export function listInstanceProfilesForRole(
  backend: IamBackend,
): Handler<IamInput<'ListInstanceProfilesForRole'>, IamOutput<'ListInstanceProfilesForRole'>> {
  return async input => {
    await findRole(backend, input.RoleName ?? '');
    return { InstanceProfiles: [], IsTruncated: false };
  };
}
