import type { Handler, IamInput, IamOutput } from '@lambent/aws-api';
import { createSecret, createUniqueId } from '@lambent/identity';
import type { IamBackend } from './iam-backend.ts';
import { identityOf, keyOwner } from './key-owner.ts';
import { overQuota } from './refusals.ts';

/** AWS's quota. */
const KEYS_MAX = 2;
const KEY_ID_LENGTH = 20;

export function createAccessKey(
  backend: IamBackend,
): Handler<IamInput<'CreateAccessKey'>, IamOutput<'CreateAccessKey'>> {
  return async input => {
    const { identities, random, clock } = backend;
    const owner = keyOwner(backend, input.UserName);
    const accessKeyId = createUniqueId('AKIA', random).slice(0, KEY_ID_LENGTH);
    const secretAccessKey = createSecret(random);
    const createdMs = clock.nowMs();
    const user = await identities.users.change(owner.id, current => {
      const before = owner.orRefuse(current);
      if (before.accessKeyIds.length >= KEYS_MAX) throw overQuota('AccessKeysPerUser', KEYS_MAX);
      return { put: { ...before, accessKeyIds: [...before.accessKeyIds, accessKeyId] }, result: before };
    });
    const identity = identityOf(user);
    await identities.accessKeys.change(accessKeyId, () => ({
      put: { schema: 1, createdMs, accessKeyId, secretAccessKey, identity },
      result: undefined,
    }));
    return {
      AccessKey: {
        UserName: input.UserName ?? '',
        AccessKeyId: accessKeyId,
        Status: 'Active',
        SecretAccessKey: secretAccessKey,
        CreateDate: new Date(createdMs),
      },
    };
  };
}
