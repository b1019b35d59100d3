import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { findRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { pageOf } from './page.ts';

export function listRolePolicies(
  backend: IamBackend,
): Handler<IamInput<'ListRolePolicies'>, IamOutput<'ListRolePolicies'>> {
  return async input => {
    const { inline } = await findRole(backend, input.RoleName ?? '');
    const { items: PolicyNames, ...page } = pageOf(input, Object.keys(inline).sort(), name => name);
    return { PolicyNames, ...page };
  };
}
