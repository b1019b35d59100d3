import { idOf, type Role } from '@lambent/identity';
import type { Compare, Write } from '@lambent/registry';
import type { IamBackend } from './iam-backend.ts';
import { noRole } from './refusals.ts';

interface RoleChange {
  readonly role: Role;
  /** What stands or falls with it. */
  readonly alongside?: { readonly compare: readonly Compare[]; readonly write: readonly Write[] };
}

/** Changes a role that is there. What `decide` throws goes to the caller. */
export function changeRole(
  { identities }: IamBackend,
  name: string,
  decide: (role: Role) => RoleChange | Promise<RoleChange>,
): Promise<void> {
  return identities.roles.change(idOf(name), async current => {
    if (!current) throw noRole(name);
    const { role, alongside } = await decide(current);
    return { put: role, result: undefined, ...(alongside && { alongside }) };
  });
}

export async function findRole({ identities }: IamBackend, name: string): Promise<Role> {
  const role = await identities.role(name);
  if (!role) throw noRole(name);
  return role;
}
