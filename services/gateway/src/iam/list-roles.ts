import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { idOf } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { readPage } from './page.ts';
import { listedRole } from './shown-role.ts';

export function listRoles(backend: IamBackend): Handler<IamInput<'ListRoles'>, IamOutput<'ListRoles'>> {
  return async input => {
    const { items, ...page } = await readPage(input, {
      read: chunk => backend.identities.roles.list(chunk),
      idOf: role => idOf(role.name),
      wanted: ({ path }) => path.startsWith(input.PathPrefix ?? '/'),
    });
    return { Roles: items.map(role => listedRole(role, backend.accountId)), ...page };
  };
}
