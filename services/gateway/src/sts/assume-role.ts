import { AwsError, type Handler, type StsInput, type StsOutput } from '@lambent/aws-api';
import { arnOf, roleArn, uniqueIdOf } from '@lambent/identity';
import type { IamBackend } from '../iam/iam-backend.ts';
import { callerOf } from './caller-of.ts';
import { shownCredentials } from './shown-credentials.ts';

/** Whom a role trusts is not asked yet; that it is there is. */
export function assumeRole(backend: IamBackend): Handler<StsInput<'AssumeRole'>, StsOutput<'AssumeRole'>> {
  const { accountId, identities, credentials } = backend;
  return async (input, context) => {
    const { RoleArn: arn = '', RoleSessionName: sessionName = '', DurationSeconds: seconds = 3_600 } = input;
    // A session that may do less than its role would be given more than was asked for.
    if (input.Policy !== undefined || input.PolicyArns?.length)
      throw new AwsError('NotImplementedException', 'Session policies are not implemented by Lambent');
    const role = await identities.role(arn.slice(arn.lastIndexOf('/') + 1));
    if (!role || roleArn(role, accountId) !== arn) {
      const caller = arnOf(await callerOf(backend, context), accountId);
      throw new AwsError(
        'AccessDeniedException',
        `User: ${caller} is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
      );
    }
    if (seconds > role.maxSessionSeconds)
      throw new AwsError(
        'ValidationException',
        'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
      );
    const { name: roleName, path: rolePath, roleId } = role;
    const identity = { kind: 'session', roleName, rolePath, roleId, sessionName } as const;
    const session = await credentials.openSession(identity, seconds * 1_000);
    return {
      Credentials: shownCredentials(session),
      AssumedRoleUser: {
        AssumedRoleId: uniqueIdOf(identity, accountId),
        Arn: arnOf(identity, accountId),
      },
      PackedPolicySize: 0,
    };
  };
}
