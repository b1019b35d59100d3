import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';

export function updateRole(backend: IamBackend): Handler<IamInput<'UpdateRole'>, IamOutput<'UpdateRole'>> {
  return async input => {
    await changeRole(backend, input.RoleName ?? '', role => ({
      role: {
        ...role,
        ...(input.Description !== undefined && { description: input.Description }),
        ...(input.MaxSessionDuration !== undefined && { maxSessionSeconds: input.MaxSessionDuration }),
      },
    }));
    return {};
  };
}
