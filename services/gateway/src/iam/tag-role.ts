import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { changeRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { withTags } from './refusals.ts';

export function tagRole(backend: IamBackend): Handler<IamInput<'TagRole'>, IamOutput<'TagRole'>> {
  return async input => {
    await changeRole(backend, input.RoleName ?? '', role => ({
      role: { ...role, tags: withTags(role.tags, input.Tags) },
    }));
    return {};
  };
}
