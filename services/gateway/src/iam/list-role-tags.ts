import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { findRole } from './change-role.ts';
import type { IamBackend } from './iam-backend.ts';
import { pageOf } from './page.ts';
import { shownTags } from './refusals.ts';

export function listRoleTags(
  backend: IamBackend,
): Handler<IamInput<'ListRoleTags'>, IamOutput<'ListRoleTags'>> {
  return async input => {
    const { tags } = await findRole(backend, input.RoleName ?? '');
    const { items: Tags, ...page } = pageOf(input, shownTags(tags), ({ Key }) => Key);
    return { Tags, ...page };
  };
}
