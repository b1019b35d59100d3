import type { Handler, StsInput, StsOutput } from '@lambent/aws-api';

/** Whoever calls is the account's owner: signatures are not verified here. */
export function getCallerIdentity(): Handler<StsInput<'GetCallerIdentity'>, StsOutput<'GetCallerIdentity'>> {
  return async (_, { accountId }) => ({
    UserId: accountId,
    Account: accountId,
    Arn: `arn:aws:iam::${accountId}:root`,
  });
}
