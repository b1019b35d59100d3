import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import type { IamBackend } from './iam-backend.ts';
import { keyOwner } from './key-owner.ts';
import { shownUser } from './shown-user.ts';

/** Without a name the account's owner: signatures are not verified here. */
export function getUser(backend: IamBackend): Handler<IamInput<'GetUser'>, IamOutput<'GetUser'>> {
  return async input => {
    const owner = keyOwner(backend, input.UserName);
    const user = owner.orRefuse(await backend.identities.users.read(owner.id));
    return { User: shownUser(user, backend.accountId) };
  };
}
