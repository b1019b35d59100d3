import type { StsOutput } from '@lambent/aws-api';
import type { SessionCredentials } from '@lambent/identity';

export function shownCredentials(
  session: SessionCredentials,
): NonNullable<StsOutput<'AssumeRole'>['Credentials']> {
  return {
    AccessKeyId: session.accessKeyId,
    SecretAccessKey: session.secretAccessKey,
    SessionToken: session.sessionToken,
    Expiration: new Date(session.expiresMs),
  };
}
