import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { AwsError } from '@lambent/aws-api';
import type { IamBackend } from './iam-backend.ts';
import { keyOwner } from './key-owner.ts';

export function deleteAccessKey(
  backend: IamBackend,
): Handler<IamInput<'DeleteAccessKey'>, IamOutput<'DeleteAccessKey'>> {
  return async input => {
    const { AccessKeyId: id = '' } = input;
    const { identities } = backend;
    const owner = keyOwner(backend, input.UserName);
    // The key first: what is left when this ends halfway is a name of nothing, which can be deleted again.
    const { accessKeyIds } = owner.orRefuse(await identities.users.read(owner.id));
    if (!accessKeyIds.includes(id))
      throw new AwsError('NoSuchEntityException', `The Access Key with id ${id} cannot be found.`);
    await identities.accessKeys.change(id, key => ({ ...(key && { remove: true }), result: undefined }));
    await identities.users.change(owner.id, current => {
      const user = owner.orRefuse(current);
      const left = user.accessKeyIds.filter(each => each !== id);
      return { put: { ...user, accessKeyIds: left }, result: undefined };
    });
    return {};
  };
}
