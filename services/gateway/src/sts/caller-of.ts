import type { RequestContext } from '@lambent/aws-api';
import type { Identity } from '@lambent/identity';
import type { IamBackend } from '../iam/iam-backend.ts';

/** Who a caller says to be, by its key: signatures are not verified here. One whose key is not known is the owner. */
export async function callerOf({ credentials }: IamBackend, context: RequestContext): Promise<Identity> {
  const { accessKeyId, headers } = context;
  const token = headers['x-amz-security-token'];
  const found =
    accessKeyId === undefined
      ? undefined
      : await credentials.find(accessKeyId, typeof token === 'string' ? token : undefined);
  return found?.kind === 'known' ? found.identity : { kind: 'root' };
}
