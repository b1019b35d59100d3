import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import type { IamBackend } from './iam-backend.ts';
import { keyOwner } from './key-owner.ts';

/** At most two, so one page. */
export function listAccessKeys(
  backend: IamBackend,
): Handler<IamInput<'ListAccessKeys'>, IamOutput<'ListAccessKeys'>> {
  return async input => {
    const { identities } = backend;
    const owner = keyOwner(backend, input.UserName);
    const { accessKeyIds } = owner.orRefuse(await identities.users.read(owner.id));
    const keys = await Promise.all(accessKeyIds.map(id => identities.accessKeys.read(id)));
    return {
      AccessKeyMetadata: keys.flatMap(key =>
        key
          ? [
              {
                UserName: input.UserName,
                AccessKeyId: key.accessKeyId,
                Status: 'Active' as const,
                CreateDate: new Date(key.createdMs),
              },
            ]
          : [],
      ),
      IsTruncated: false,
    };
  };
}
