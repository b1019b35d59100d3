import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { findRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { shownRole } from './shown-role.ts';

export function getRole(backend: IamBackend): Handler<IamInput<'GetRole'>, IamOutput<'GetRole'>> {
  return async input => ({
    Role: shownRole(await findRole(backend, input.RoleName ?? ''), backend.accountId),
  });
}
