import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { findRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { pageOf } from './page.ts';

export function listAttachedRolePolicies(
  backend: IamBackend,
): Handler<IamInput<'ListAttachedRolePolicies'>, IamOutput<'ListAttachedRolePolicies'>> {
  return async input => {
    const { attached } = await findRole(backend, input.RoleName ?? '');
    const { items, ...page } = pageOf(input, attached, arn => arn);
    return {
      AttachedPolicies: items.map(PolicyArn => ({
        PolicyName: PolicyArn.slice(PolicyArn.lastIndexOf('/') + 1),
        PolicyArn,
      })),
      ...page,
    };
  };
}
