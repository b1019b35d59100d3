import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';

export function untagRole(backend: IamBackend): Handler<IamInput<'UntagRole'>, IamOutput<'UntagRole'>> {
  return async input => {
    const keys = new Set(input.TagKeys);
    await changeRole(backend, input.RoleName ?? '', role => ({
      role: {
        ...role,
        tags: Object.fromEntries(Object.entries(role.tags).filter(([key]) => !keys.has(key))),
      },
    }));
    return {};
  };
}
