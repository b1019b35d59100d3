import type { Handler, StsInput, StsOutput } from '@lambent/aws-api';
import { arnOf, uniqueIdOf } from '@lambent/identity';
import type { IamBackend } from '../iam/iam-backend.ts';
import { callerOf } from './caller-of.ts';

export function getCallerIdentity(
  backend: IamBackend,
): Handler<StsInput<'GetCallerIdentity'>, StsOutput<'GetCallerIdentity'>> {
  const { accountId } = backend;
  return async (_, context) => {
    const identity = await callerOf(backend, context);
    return {
      UserId: uniqueIdOf(identity, accountId),
      Account: accountId,
      Arn: arnOf(identity, accountId),
    };
  };
}
