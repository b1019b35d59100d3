import { AwsError, type Handler, type StsInput, type StsOutput } from '@lambent/aws-api';
import type { IamBackend } from '../iam/iam-backend.ts';
import { callerOf } from './caller-of.ts';
import { shownCredentials } from './shown-credentials.ts';

export function getSessionToken(
  backend: IamBackend,
): Handler<StsInput<'GetSessionToken'>, StsOutput<'GetSessionToken'>> {
  return async (input, context) => {
    const identity = await callerOf(backend, context);
    if (identity.kind === 'session')
      throw new AwsError('AccessDeniedException', 'Cannot call GetSessionToken with session credentials');
    const seconds = input.DurationSeconds ?? (identity.kind === 'root' ? ROOT_SECONDS : USER_SECONDS);
    const session = await backend.credentials.openSession(identity, seconds * 1_000);
    return { Credentials: shownCredentials(session) };
  };
}

/** As on AWS: an hour, and twelve. */
const ROOT_SECONDS = 3_600;
const USER_SECONDS = 43_200;
